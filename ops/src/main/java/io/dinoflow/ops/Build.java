package io.dinoflow.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What this program was built from. Part of the environment that every checkpoint records, so it is
 * known without loading native code.
 *
 * @param version of dinoflow
 * @param engine tensor library and binding with their versions
 */
public record Build(String version, String engine) {
  private static final String RESOURCE = "build.properties";

  public static Build current() {
    Properties facts = new Properties();
    try (InputStream in = Build.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is missing from the jar");
      }
      facts.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE, e);
    }
    return new Build(fact(facts, "version"), fact(facts, "engine"));
  }

  private static String fact(Properties facts, String name) {
    String value = facts.getProperty(name, "");
    if (value.isEmpty() || value.contains("${")) {
      throw new IllegalStateException(
          "%s has no %s but \"%s\": build with Maven".formatted(RESOURCE, name, value));
    }
    return value;
  }
}
