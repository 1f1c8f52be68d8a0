package io.dinoflow.activity.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.CachedImages;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestionTest {
  @TempDir Path folder;

  /** A source held in memory. */
  private record Given(Map<String, byte[]> images) implements ImageSource {
    @Override
    public String name() {
      return "given";
    }

    @Override
    public String account() {
      return "given pictures";
    }

    @Override
    public OptionalLong size() {
      return OptionalLong.empty();
    }

    @Override
    public void read(Visitor visitor) throws IOException {
      for (Map.Entry<String, byte[]> image : images.entrySet()) {
        RawImage raw = RawImage.of(image.getKey(), image.getValue(), "l", "c", "free");
        if (visitor.visit(raw) == Verdict.ENOUGH) {
          return;
        }
      }
    }
  }

  @Test
  void quarantinesWhatCannotBeReadWithItsReasonAndGoesOn() throws Exception {
    byte[] bomb = Pictures.bomb(50_000);
    assertThat(bomb.length).isLessThan(64 << 10);
    Map<String, byte[]> images = new LinkedHashMap<>();
    images.put("good/1.png", Pictures.png(1));
    images.put("empty.png", new byte[0]);
    images.put("bomb.png", bomb);
    images.put("truncated.jpg", Arrays.copyOf(Pictures.jpeg(2), Pictures.jpeg(2).length / 2));
    images.put("truncated.png", Arrays.copyOf(Pictures.png(3), 60));
    images.put("text.png", "I am no picture".getBytes(UTF_8));
    images.put("mislabelled.png", Pictures.jpeg(4));
    for (int i = 10; i < 16; i++) {
      images.put("good/" + i + ".png", Pictures.png(i));
    }
    AtomicLong seen = new AtomicLong();
    Ingestion.Result result = ingest("a", new Given(images), 0, 1 << 20, seen::set);
    assertThat(seen).hasValue(images.size());
    assertThat(result.quarantined()).isEqualTo(5);
    assertThat(result.samples())
        .extracting(Sample::key)
        .containsExactly(
            "good_1",
            "mislabelled",
            "good_10",
            "good_11",
            "good_12",
            "good_13",
            "good_14",
            "good_15");

    Map<String, String> reasons = reasons(result);
    assertThat(reasons)
        .containsOnlyKeys("empty.png", "bomb.png", "truncated.jpg", "truncated.png", "text.png");
    assertThat(reasons.get("empty.png")).contains("empty");
    assertThat(reasons.get("bomb.png")).contains("50000x50000", "at most");
    assertThat(reasons.get("truncated.jpg")).contains("jpeg is truncated or damaged");
    assertThat(reasons.get("truncated.png")).contains("png is truncated or damaged");
    assertThat(reasons.get("text.png")).contains("no JPEG, PNG, GIF or BMP");
    assertThat(readBack("a", result)).containsExactlyElementsOf(digests(result));
  }

  @Test
  void givesTheSameBytesForTheSameSource() throws Exception {
    Map<String, byte[]> images = new LinkedHashMap<>();
    for (int i = 0; i < 30; i++) {
      images.put(i + ".png", i % 7 == 3 ? new byte[] {1, 2, 3} : Pictures.png(i));
    }
    Ingestion.Result one = ingest("one", new Given(images), 0, 8192, done -> {});
    Ingestion.Result two = ingest("two", new Given(images), 0, 8192, done -> {});
    assertThat(one.samples()).isEqualTo(two.samples());
    assertThat(one.files()).hasSizeGreaterThan(3);
    assertThat(one.files())
        .extracting(BlobFile::sha256)
        .containsExactlyElementsOf(two.files().stream().map(BlobFile::sha256).toList());
    for (BlobFile file : one.files()) {
      assertThat(Sha256.of(Files.readAllBytes(file.file()))).isEqualTo(file.sha256());
    }
  }

  @Test
  void tellsNamesThatBecomeEqualKeysApart() throws Exception {
    Map<String, byte[]> images = new LinkedHashMap<>();
    int seed = 0;
    for (String name :
        List.of(
            "a-2.png", "a.png", "a.jpg", "a.gif", "b/c.png", "b_c.png", "b c.png", "b_c-3.png")) {
      images.put(name, Pictures.png(seed++));
    }
    Ingestion.Result result = ingest("a", new Given(images), 0, 1 << 20, done -> {});
    assertThat(result.samples()).extracting(Sample::key).doesNotHaveDuplicates().hasSize(8);
    assertThat(readBack("a", result)).containsExactlyElementsOf(digests(result));
  }

  @Test
  void takesAsManyReadableOnesAsAskedFor() throws Exception {
    Map<String, byte[]> images = new LinkedHashMap<>();
    for (int i = 0; i < 10; i++) {
      images.put(i + ".png", i == 1 ? new byte[0] : Pictures.png(i));
    }
    Ingestion.Result result = ingest("a", new Given(images), 3, 1 << 20, done -> {});
    assertThat(result.samples()).extracting(Sample::key).containsExactly("0", "2", "3");
    assertThat(result.quarantined()).isEqualTo(1);
  }

  @Test
  void failsWhereMoreThanHalfIsUnreadable() throws Exception {
    Map<String, byte[]> half = new LinkedHashMap<>();
    half.put("1.png", Pictures.png(1));
    half.put("2.png", new byte[0]);
    assertThat(ingest("half", new Given(half), 0, 1 << 20, done -> {}).quarantined()).isEqualTo(1);

    Map<String, byte[]> more = new LinkedHashMap<>(half);
    more.put("3.png", new byte[0]);
    assertThatThrownBy(() -> ingest("more", new Given(more), 0, 1 << 20, done -> {}))
        .isInstanceOf(BadSourceException.class)
        .hasMessageContaining("2 of 3 pictures cannot be read")
        .hasMessageContaining("3.png: the file is empty");
  }

  @Test
  void failsWhereNothingIsThere() {
    assertThatThrownBy(() -> ingest("none", new Given(Map.of()), 0, 1 << 20, done -> {}))
        .isInstanceOf(BadSourceException.class)
        .hasMessageContaining("no picture");
    assertThatThrownBy(
            () -> ingest("bad", new Given(Map.of("a.png", new byte[0])), 0, 1 << 20, done -> {}))
        .isInstanceOf(BadSourceException.class)
        .hasMessageContaining("1 of 1");
  }

  @Test
  void endsWhereTheListenerThrows() {
    assertThatThrownBy(
            () ->
                ingest(
                    "stopped",
                    new Given(Map.of("a.png", Pictures.png(1))),
                    0,
                    1 << 20,
                    done -> {
                      throw new IllegalStateException("told to stop");
                    }))
        .hasMessage("told to stop");
  }

  private Ingestion.Result ingest(
      String name,
      ImageSource source,
      int limit,
      long shardBytes,
      java.util.function.LongConsumer seen)
      throws IOException {
    Path into = Files.createDirectories(folder.resolve(name));
    return new Ingestion(new ImageDecoder(), into).ingest(source, limit, shardBytes, seen);
  }

  private static Map<String, String> reasons(Ingestion.Result result) throws IOException {
    BlobFile quarantine = result.files().get(result.files().size() - 1);
    assertThat(quarantine.name()).isEqualTo(Ingestion.QUARANTINE);
    Map<String, String> reasons = new LinkedHashMap<>();
    for (String line : Files.readAllLines(quarantine.file())) {
      JsonNode json = new ObjectMapper().readTree(line);
      reasons.put(json.path("name").asText(), json.path("reason").asText());
    }
    return reasons;
  }

  private static List<Sha256> digests(Ingestion.Result result) {
    return result.samples().stream().map(Sample::sha256).toList();
  }

  private List<Sha256> readBack(String name, Ingestion.Result result) throws IOException {
    CachedImages images =
        CachedImages.of(new Dataset(result.samples(), folder.resolve(name)::resolve));
    List<Sha256> found = new ArrayList<>();
    for (Sample sample : result.samples()) {
      found.add(Sha256.of(images.bytes(sample)));
    }
    return found;
  }
}
