package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Taste, checked by an ordinary test over the sources. */
class HouseRulesTest {
  private static final Path ROOT = Path.of(System.getProperty("dinoflow.root"));
  private static final int LINES_MAX = 450;

  private static final Pattern INTERFACE =
      Pattern.compile(
          "(?m)^ *(?:public |private |protected |static |sealed |non-sealed )*interface (\\w+)");

  /** Awaitility's own limit, which is ten seconds; and fewer than sixty seconds anywhere. */
  private static final Pattern IN_A_HURRY =
      Pattern.compile(
          "(?<![.\\w])(?:Awaitility\\s*\\.)?await\\([^()]*\\)\\s*\\.(?!atMost)"
              + "|atMost\\(\\s*Duration\\.of(?:Millis|Seconds\\([1-5]?\\d\\))"
              + "|\\.(?:get|await|waitFor)\\([1-5]?\\d, (?:TimeUnit\\.)?SECONDS\\)");

  @Test
  void noFileIsTooLongToRead() {
    assertThat(sources("main"))
        .filteredOn(source -> source.lines() > LINES_MAX)
        .as("split it where a second thought begins")
        .isEmpty();
  }

  @Test
  void nothingIsLeftForLater() {
    String marks = "\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b";
    assertThat(Stream.concat(sources("main").stream(), sources("test").stream()))
        .filteredOn(source -> Pattern.compile(marks).matcher(source.text()).find())
        .as("do it, or write an issue")
        .isEmpty();
  }

  @Test
  void nobodySleeps() {
    String sleep = "Thread" + ".sleep(";
    assertThat(Stream.concat(sources("main").stream(), sources("test").stream()))
        .filteredOn(source -> source.text().contains(sleep))
        .as("wait for what you want to see: a future, a latch, Awaitility")
        .isEmpty();
  }

  /** A thread that gets no core for a while, or a slow disk, must fail nobody's change. */
  @Test
  void testsWaitAMinuteAtLeast() {
    assertThat(sources("test"))
        .filteredOn(source -> IN_A_HURRY.matcher(source.text()).find())
        .as("give every await its atMost, and every wait a minute or more: it costs nothing")
        .isEmpty();
  }

  @Test
  void everyInterfaceSaysWhatItPromises() {
    List<String> silent = new ArrayList<>();
    int interfaces = 0;
    for (Source source : sources("main")) {
      Matcher declaration = INTERFACE.matcher(source.text());
      while (declaration.find()) {
        interfaces++;
        if (!hasDocBefore(source.text(), declaration.start())) {
          silent.add(source + " " + declaration.group(1));
        }
      }
    }

    assertThat(interfaces).isGreaterThan(20);
    assertThat(silent).isEmpty();
  }

  @Test
  void everyPackageSaysWhatItIsFor() {
    List<Path> folders =
        sources("main").stream().map(source -> source.path().getParent()).distinct().toList();

    assertThat(folders)
        .filteredOn(folder -> !folder.endsWith("ai/djl/pytorch/jni"))
        .hasSizeGreaterThan(20)
        .allSatisfy(
            folder ->
                assertThat(folder.resolve("package-info.java"))
                    .content()
                    .as("%s", folder)
                    .contains("/**"));
  }

  @Test
  void kernelsHoldNoRandomness() throws IOException {
    Pattern chance =
        Pattern.compile(
            "\\b(rand\\w*|dropout\\w*|\\w*_dropout|bernoulli\\w*|multinomial|normal_|uniform_)\\b");
    try (Stream<Path> files = Files.walk(ROOT.resolve("model-core/src/main/torchscript"))) {
      List<Source> kernels = files.filter(Files::isRegularFile).map(Source::of).toList();

      assertThat(kernels).hasSizeGreaterThan(3);
      assertThat(kernels)
          .filteredOn(kernel -> chance.matcher(kernel.text()).find())
          .as("Java draws, from seed, purpose and step; a kernel receives what was drawn")
          .isEmpty();
    }
  }

  private static boolean hasDocBefore(String text, int declaration) {
    String before = text.substring(0, declaration);
    int end = before.lastIndexOf("*/");
    // between a doc and what it documents stand annotations only: no statement, no end of a member
    return end >= 0
        && !before.substring(end).contains(";")
        && !before.substring(end).contains("}\n\n");
  }

  private static List<Source> sources(String kind) {
    try (Stream<Path> modules = Files.list(ROOT)) {
      List<Source> sources = new ArrayList<>();
      for (Path module : modules.sorted().toList()) {
        Path folder = module.resolve("src").resolve(kind).resolve("java");
        if (Files.isDirectory(folder)) {
          try (Stream<Path> files = Files.walk(folder)) {
            files.filter(f -> f.toString().endsWith(".java")).map(Source::of).forEach(sources::add);
          }
        }
      }
      assertThat(sources).as("sources under %s", ROOT).hasSizeGreaterThan(20);
      return sources;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Source(Path path, String text) {
    static Source of(Path path) {
      try {
        return new Source(path, Files.readString(path));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    long lines() {
      return text.lines().count();
    }

    @Override
    public String toString() {
      return ROOT.relativize(path).toString();
    }
  }
}
