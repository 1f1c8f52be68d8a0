package io.dinoflow.model.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every fixture of the folder is consumed by a test class that says so, and of a whole folder none
 * is missing.
 */
@GoldenFixture({})
@OwnGoldens
class GoldenInventoryTest {

  @Test
  void everyFixtureIsConsumedByATestClass() throws Exception {
    Set<String> unread = new TreeSet<>(fixtures());
    unread.removeAll(declared().keySet());
    assertThat(unread)
        .as("fixtures of %s that no test class declares with @GoldenFixture", Golden.folder())
        .isEmpty();
  }

  @Test
  void everyDeclaredFixtureExists() throws Exception {
    assumeFalse(Golden.partial(), Golden.folder() + " is a part");
    Set<String> missing = new TreeSet<>(declared().keySet());
    missing.removeAll(fixtures());
    assertThat(missing).as("declared fixtures that %s lacks", Golden.folder()).isEmpty();
  }

  @Test
  void classesThatReadTheProjectsOwnGoldensAreMarkedSo() throws Exception {
    Set<String> own = fixtures(Golden.ownFolder());
    Set<String> marked = new TreeSet<>();
    for (Class<?> test : testClasses()) {
      if (test.isAnnotationPresent(OwnGoldens.class) && test != GoldenInventoryTest.class) {
        marked.add(test.getName());
      }
    }
    Set<String> consumers = new TreeSet<>();
    declared().forEach((name, tests) -> consumers.addAll(own.contains(name) ? tests : Set.of()));
    assertThat(marked).isNotEmpty().isEqualTo(consumers);
  }

  @Test
  void theTableOfDeviationsListsEveryFixture() throws Exception {
    String document =
        Files.readString(
            Path.of(System.getProperty("dinoflow.root", "..")).resolve("ops/docs/numerics.md"));
    Set<String> missing = new TreeSet<>();
    for (String fixture : fixtures()) {
      String row = "| %s | `%s` |".formatted(Golden.own() ? "own" : "official", fixture);
      if (!document.contains(row)) {
        missing.add(row);
      }
    }
    assertThat(missing).as("rows that ops/docs/numerics.md lacks").isEmpty();
  }

  private static Set<String> fixtures() throws IOException {
    return fixtures(Golden.folder());
  }

  /** Names of JSON files and of folders that hold some. */
  private static Set<String> fixtures(Path folder) throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (Files.isDirectory(file)) {
          names.add(name);
        } else if (name.endsWith(".json")) {
          names.add(name.substring(0, name.length() - ".json".length()));
        }
      }
    }
    assertThat(names).isNotEmpty();
    return names;
  }

  /** Fixtures by name with the classes that declare them. */
  private static Map<String, Set<String>> declared() throws Exception {
    Map<String, Set<String>> declared = new TreeMap<>();
    for (Class<?> test : testClasses()) {
      GoldenFixture fixture = test.getAnnotation(GoldenFixture.class);
      if (fixture != null) {
        for (String name : fixture.value()) {
          declared.computeIfAbsent(name, n -> new TreeSet<>()).add(test.getName());
        }
      }
    }
    return declared;
  }

  /** All compiled classes beside this one; loading one does not initialise it. */
  private static List<Class<?>> testClasses() throws IOException, URISyntaxException {
    Path root =
        Path.of(
            GoldenInventoryTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(f -> f.toString().endsWith("Test.class"))
          .<Class<?>>map(f -> load(root.relativize(f).toString()))
          .toList();
    }
  }

  private static Class<?> load(String file) {
    String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
    try {
      return Class.forName(name, false, GoldenInventoryTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      return fail("cannot load " + name, e);
    }
  }
}
