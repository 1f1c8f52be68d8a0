package io.dinoflow.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kernels draw nothing: what is random is drawn in Java, by counters that a resumed run repeats.
 */
class KernelTextsTest {
  private static final Pattern RANDOM =
      Pattern.compile(
          "\\brand|dropout|bernoulli|multinomial|normal_|uniform_|poisson|exponential_|geometric_|cauchy_");

  @Test
  void noKernelTextDrawsAtRandom() {
    assertThat(KernelArchive.source().lines().filter(l -> RANDOM.matcher(l).find())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x = torch.rand([2])",
        "x = torch.randn_like(y)",
        "x = torch.randperm(4)",
        "x = torch.dropout(y, 0.1, True)",
        "x = torch.bernoulli(y)",
        "x = torch.multinomial(y, 1)",
        "x = torch.normal_(y)",
        "x = torch.uniform_(y, 0, 1)"
      })
  void aTextThatDrawsWouldBeFound(String line) {
    assertThat(RANDOM.matcher(line).find()).isTrue();
  }

  @Test
  void everyTextOfTheSourceTreeIsPacked() throws IOException {
    Path texts = Path.of(System.getProperty("dinoflow.root"), "model-core/src/main/torchscript");
    String source = KernelArchive.source();
    try (Stream<Path> files = Files.walk(texts)) {
      List<Path> all = files.filter(f -> f.toString().endsWith(".py")).toList();
      assertThat(all).isNotEmpty();
      for (Path text : all) {
        assertThat(source).as(text.toString()).contains(Files.readString(text));
      }
    }
  }
}
