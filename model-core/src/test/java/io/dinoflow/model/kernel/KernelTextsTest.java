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
 * And they take no device for granted: what they allocate lies where an argument lies.
 */
class KernelTextsTest {
  private static final Pattern RANDOM =
      Pattern.compile(
          "\\brand|dropout|bernoulli|multinomial|normal_|uniform_|poisson|exponential_|geometric_|cauchy_");

  private static final Pattern ALLOCATION =
      Pattern.compile(
          "torch\\.(zeros|ones|empty|full|arange|range|linspace|logspace|eye|tensor|scalar_tensor"
              + "|as_tensor|from_\\w+|empty_\\w+|tril_indices|triu_indices|hann_window|bartlett_window)\\(");
  private static final Pattern ONE_DEVICE_ONLY =
      Pattern.compile(
          "_for_cpu|_cpu\\b|mkldnn|_cuda\\b|cudnn|_flash_attention|device\\(\"|\\.numpy\\(");

  @Test
  void whatAKernelAllocatesLiesWhereAnArgumentLies() {
    assertThat(KernelArchive.source().lines().filter(KernelTextsTest::forgetsTheDevice)).isEmpty();
    assertThat(KernelArchive.source().lines().filter(l -> ALLOCATION.matcher(l).find()))
        .as("allocations that the rule looks at")
        .hasSizeGreaterThan(3);
  }

  @Test
  void noKernelTextNamesAnOperatorOfOneDevice() {
    assertThat(KernelArchive.source().lines().filter(l -> ONE_DEVICE_ONLY.matcher(l).find()))
        .as("scaled_dot_product_attention and its like choose by their arguments")
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x = torch.zeros([2])",
        "x = torch.arange(n, dtype=4)",
        "x = torch.add(y, torch.full([2], 1., dtype=6))",
        "x = torch.zeros([2], dtype=6, layout=None, device=torch.device(\"cpu\"))",
        "x = torch.tensor(1.)"
      })
  void aTextThatForgetsTheDeviceWouldBeFound(String line) {
    assertThat(forgetsTheDevice(line)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x = torch.zeros_like(y)",
        "x = torch.new_zeros(y, [2])",
        "x = torch.zeros([2], dtype=6, layout=None, device=ops.prim.device(y))"
      })
  void aTextThatKeepsItIsNot(String line) {
    assertThat(forgetsTheDevice(line)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a = torch._scaled_dot_product_flash_attention_for_cpu(q, k, v)",
        "y = torch.mkldnn_linear(x, w)",
        "y = torch.cudnn_convolution(x, w)",
        "y = torch.to(x, torch.device(\"cuda\"))"
      })
  void aTextThatNamesOneDeviceWouldBeFound(String line) {
    assertThat(ONE_DEVICE_ONLY.matcher(line).find()).isTrue();
  }

  private static boolean forgetsTheDevice(String line) {
    return ALLOCATION.matcher(line).find() && !line.contains("device=ops.prim.device(");
  }

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
