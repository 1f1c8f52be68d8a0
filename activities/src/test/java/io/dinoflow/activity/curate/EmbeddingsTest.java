package io.dinoflow.activity.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.activity.testing.Bench;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.curate.Vectors;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.data.UnreadableImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingsTest {
  private static final int SAMPLES = 600;
  private static final int BLOCK = 256;

  @TempDir Path folder;

  private final List<Sample> samples = samples();
  private final List<String> read = new ArrayList<>();
  private final SampleImages images =
      sample -> {
        read.add(sample.key());
        byte[] rgb = new byte[3 * 8 * 8];
        new Random(sample.key().hashCode()).nextBytes(rgb);
        return new RgbImage(8, 8, rgb);
      };

  @ParameterizedTest
  @ValueSource(ints = {1, 255, 256, 300, 512, 599})
  void goesOnWhereTheLastWholeBlockEnded(int killedAfter) throws Exception {
    Vectors straight = embed(folder.resolve("straight.f32"), done -> {});
    Path file = folder.resolve("killed.f32");
    assertThatThrownBy(() -> embed(file, done -> stopAt(killedAfter, done))).hasMessage("killed");
    read.clear();
    Vectors resumed = embed(file, done -> {});
    assertThat(resumed.values()).isEqualTo(straight.values());
    // The kill comes before its own block is written.
    assertThat(read).hasSize(SAMPLES - (killedAfter - 1) / BLOCK * BLOCK);

    read.clear();
    assertThat(embed(file, done -> {}).values()).isEqualTo(straight.values());
    assertThat(read).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 703, 704, 704 * 256 + 1, 704 * 599, 704 * 600 - 1})
  void doesNotTrustAFileThatWasCutWithinABlock(int bytes) throws Exception {
    Path file = folder.resolve("cut.f32");
    Vectors straight = embed(file, done -> {});
    assertThat(Files.size(file)).isEqualTo(704L * SAMPLES);
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), bytes));
    assertThat(embed(file, done -> {}).values()).isEqualTo(straight.values());
  }

  @Test
  void tellsHowFarItIs() throws Exception {
    List<Integer> heard = new ArrayList<>();
    embed(folder.resolve("a.f32"), heard::add);
    assertThat(heard).hasSize(SAMPLES).isSorted().endsWith(SAMPLES);
  }

  @Test
  void namesThePictureThatCannotBeReadAnyMore() {
    Embeddings embeddings =
        new Embeddings(
            sample -> {
              throw new UnreadableImageException("png is truncated");
            },
            folder.resolve("a.f32"));
    assertThatThrownBy(() -> embeddings.of(samples, done -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("00000")
        .hasMessageContaining("png is truncated");
  }

  private Vectors embed(Path file, IntConsumer done) throws IOException {
    return new Embeddings(images, file).of(samples, done);
  }

  private static void stopAt(int at, int done) {
    if (done == at) {
      throw new IllegalStateException("killed");
    }
  }

  private static List<Sample> samples() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      samples.add(Bench.sample("%05d".formatted(i)));
    }
    return samples;
  }
}
