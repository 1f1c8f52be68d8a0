package io.dinoflow.ops.embedded;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line that runs another class of this very program in a JVM of its own. */
public final class JavaProgram {
  private JavaProgram() {}

  public static List<String> command(
      String mainClass, List<String> jvmOptions, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.add("-Djava.awt.headless=true");
    command.add("-Ddinoflow.log.level=INFO");
    command.add("-Ddinoflow.log.format=json");
    // ours, whatever a test's class path holds
    command.add("-Dlogback.configurationFile=logback.xml");
    command.add("-cp");
    command.add(classPath());
    command.add(mainClass);
    command.addAll(arguments);
    return List.copyOf(command);
  }

  /** Our own class path; a test runner hides its real one behind a jar and a property. */
  private static String classPath() {
    return System.getProperty(
        "surefire.real.class.path",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
  }
}
