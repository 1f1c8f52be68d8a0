package io.dinoflow.storage.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestStoreTest {
  @TempDir Path folder;
  private final ManifestStore store = new ManifestStore();

  @Test
  void readsBackWhatItWroteInItsOrder() {
    List<Sample> samples = samples(5000);
    BlobFile file = store.write(samples, folder.resolve("m.parquet"));
    assertThat(store.read(file.file())).isEqualTo(samples);
  }

  @Test
  void writesEqualBytesForEqualSamples() throws Exception {
    BlobFile first = store.write(samples(300_000), folder.resolve("first.parquet"));
    BlobFile second = store.write(samples(300_000), folder.resolve("second.parquet"));
    assertThat(second.sha256()).isEqualTo(first.sha256());
    assertThat(first.bytes()).isEqualTo(Files.size(first.file()));
    assertThat(first.sha256()).isEqualTo(Sha256.of(Files.readAllBytes(first.file())));
  }

  @Test
  void writesOtherBytesForAnotherOrder() {
    List<Sample> samples = samples(10);
    List<Sample> swapped = new java.util.ArrayList<>(samples);
    java.util.Collections.swap(swapped, 0, 1);
    assertThat(store.write(swapped, folder.resolve("a")).sha256())
        .isNotEqualTo(store.write(samples, folder.resolve("b")).sha256());
  }

  @Test
  void keepsQuotesAndUnicodeOfCaptions() {
    Sample odd = sample(1, "a 'quoted' \"caption\", ünïcode \uD83E\uDD95");
    Path file = folder.resolve("it's.parquet");
    store.write(List.of(odd), file);
    assertThat(store.read(file)).containsExactly(odd);
  }

  @Test
  void saysWhetherAPictureIsInAManifest() {
    Path file = folder.resolve("m.parquet");
    store.write(samples(10), file);

    assertThat(store.holds(file, "k000007")).isTrue();
    assertThat(store.holds(file, Sha256.ofText("image 3").hex())).isTrue();
    assertThat(store.holds(file, Sha256.ofText("image 10").hex())).isFalse();
    assertThat(store.holds(file, "k00000")).isFalse();
    assertThat(store.holds(file, "' OR '1' = '1")).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.holds(folder.resolve("none"), "k"))
        .withMessageContaining("is no dataset manifest");
  }

  @Test
  void writesAnEmptyManifest() {
    Path file = folder.resolve("empty.parquet");
    store.write(List.of(), file);
    assertThat(store.read(file)).isEmpty();
  }

  @Test
  void saysThatAFileIsNoManifest() throws Exception {
    Path file =
        Files.writeString(folder.resolve("x.parquet"), "no parquet at all, but long enough");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.read(file))
        .withMessageContaining("x.parquet is no dataset manifest");
  }

  private static List<Sample> samples(int count) {
    return IntStream.range(0, count).mapToObj(i -> sample(i, "picture " + i)).toList();
  }

  private static Sample sample(int i, String caption) {
    return new Sample(
        "k%06d".formatted(i),
        "shard-%03d.tar".formatted(i / 1000),
        512L * i,
        400 + i % 7,
        Sha256.ofText("image " + i),
        64,
        64,
        "label " + i % 10,
        caption,
        "group " + i / 6,
        i % 6 != 0,
        "test",
        "CC0",
        i % 4 + "/" + i % 16,
        "cluster");
  }
}
