package io.dinoflow.model.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.hub.Preprocessing;
import io.dinoflow.model.kernel.ComputeDevice;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.FreshWeights;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.TensorFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Features do not depend on how pictures are batched or when they were decoded. */
class EmbedderTest {
  private static final int PICTURES = 7;
  private static final int UNREADABLE = 3;
  private static final BackboneRecipe.Vit VIT =
      new BackboneRecipe.Vit(
          8,
          24,
          3,
          3,
          4,
          "mlp",
          "layernormbf16",
          2,
          0.5,
          0,
          true,
          true,
          false,
          false,
          100,
          0,
          0,
          0);

  @TempDir private Path folder;
  private Embedder.Model model;

  @BeforeEach
  void makeAModel() {
    Path weights = folder.resolve("weights.safetensors");
    FreshWeights.write(VIT, 1, weights);
    model = new Embedder.Model(VIT, Preprocessing.IMAGENET.withSide(32), weights);
  }

  @Test
  void featuresAreTheSameInBatchesOfAnySize() throws IOException {
    Path one = folder.resolve("one");
    Path four = folder.resolve("four");
    Embedder.Outcome outcome = embed(1, Precision.FP32, one);
    assertThat(outcome.rows()).isEqualTo(PICTURES - 1);
    assertThat(outcome.leftOut()).extracting(Embedder.LeftOut::name).containsExactly("picture3");
    assertThat(embed(4, Precision.FP32, four).leftOut()).isEqualTo(outcome.leftOut());

    assertThat(TensorFile.read(four).metadata())
        .containsEntry(
            "keys",
            "[\"picture0\",\"picture1\",\"picture2\",\"picture4\",\"picture5\",\"picture6\"]");
    for (String tensor : List.of("cls", "patches", "storage")) {
      float[] alone = values(one, tensor);
      float[] together = values(four, tensor);
      assertThat(together).hasSameSizeAs(alone);
      for (int i = 0; i < alone.length; i++) {
        assertThat(together[i]).as(tensor).isCloseTo(alone[i], within(1e-5f));
      }
    }
  }

  @Test
  void oneEmbedderServesAgainWithTheSameFeatures() throws IOException {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    try (Embedder embedder = Embedder.of(model, settings(4, Precision.FP32))) {
      embedder.pictures(EmbedderTest::read, first);
      embedder.pictures(EmbedderTest::read, second);
    }
    assertThat(second).hasSameBinaryContentAs(first);
  }

  @Test
  void bf16FeaturesAreNearThoseInFp32AndNotTheSame() throws IOException {
    embed(4, Precision.FP32, folder.resolve("fp32"));
    embed(4, Precision.BF16, folder.resolve("bf16"));
    float[] exact = values(folder.resolve("fp32"), "cls");
    float[] rounded = values(folder.resolve("bf16"), "cls");
    double difference = 0;
    double whole = 0;
    for (int i = 0; i < exact.length; i++) {
      difference += Math.pow(exact[i] - rounded[i], 2);
      whole += Math.pow(exact[i], 2);
    }
    assertThat(Math.sqrt(difference / whole)).isBetween(1e-6, 0.02);
  }

  @Test
  void aStreamThatFailsFailsTheEmbeddingAndLeavesNoFile() throws IOException {
    Path output = folder.resolve("output");
    try (Embedder embedder = Embedder.of(model, settings(2, Precision.FP32))) {
      assertThatIOException()
          .isThrownBy(
              () ->
                  embedder.pictures(
                      visitor -> {
                        read(visitor);
                        throw new IOException("the disk is gone");
                      },
                      output))
          .withMessage("the disk is gone");
    }
    assertThat(output).doesNotExist();
  }

  @Test
  void theReadingEndsWhereTheListenerFails() throws IOException {
    AtomicInteger visited = new AtomicInteger();
    Embedder.Settings failing =
        new Embedder.Settings(
            1,
            ComputeDevice.CPU,
            1,
            Precision.FP32,
            Files.createDirectories(folder.resolve("scratch")),
            Map.of(),
            done -> {
              throw new IllegalStateException("cancelled after " + done);
            });
    try (Embedder embedder = Embedder.of(model, failing)) {
      assertThatThrownBy(
              () ->
                  embedder.pictures(
                      visitor -> {
                        while (true) {
                          visitor.visit("picture", png(visited.incrementAndGet()));
                        }
                      },
                      folder.resolve("output")))
          .hasMessage("cancelled after 1");
    }
    assertThat(visited.get()).isBetween(1, 3);
  }

  private Embedder.Outcome embed(int batch, Precision precision, Path output) throws IOException {
    try (Embedder embedder = Embedder.of(model, settings(batch, precision))) {
      return embedder.pictures(EmbedderTest::read, output);
    }
  }

  private Embedder.Settings settings(int batch, Precision precision) throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("scratch"));
    return new Embedder.Settings(
        batch, ComputeDevice.CPU, 1, precision, scratch, Map.of(), done -> {});
  }

  private static void read(PictureStream.Visitor visitor) throws IOException {
    for (int i = 0; i < PICTURES; i++) {
      visitor.visit(
          "picture" + i, i == UNREADABLE ? "no picture".getBytes(StandardCharsets.UTF_8) : png(i));
    }
  }

  private static byte[] png(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    BufferedImage image = new BufferedImage(40, 28, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 40 * 28; i++) {
      image.setRGB(i % 40, i / 40, random.nextInt(1 << 24));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static float[] values(Path file, String tensor) {
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray array = Safetensors.read(file, scope.manager()).tensor(tensor);
      return array.toFloatArray();
    }
  }
}
