package io.dinoflow.activity.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.ImageDecoder;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.ShardWriter;
import io.dinoflow.model.data.UnreadableImageException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Turns a source's pictures into shards, samples and a list of what was quarantined.
 *
 * <p>Every picture is decoded once here, so that training meets no surprise. The result is a
 * function of the source's content.
 */
final class Ingestion {
  static final String QUARANTINE = "quarantine.jsonl";

  private static final double UNREADABLE_SHARE_MAX = 0.5;

  /**
   * @param files shards, then the quarantine where anything is in it
   */
  record Result(List<Sample> samples, List<BlobFile> files, int quarantined) {}

  private final ImageDecoder decoder;
  private final ObjectMapper json = new ObjectMapper();
  private final Path folder;
  private final int firstShard;
  private final List<Sample> samples = new ArrayList<>();
  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> keys = new HashMap<>();
  private int quarantined;
  private String lastReason = "";

  /**
   * @param folder empty; receives the files
   */
  Ingestion(ImageDecoder decoder, Path folder) {
    this(decoder, folder, List.of());
  }

  /**
   * @param before samples whose dataset this one is added to: neither keys nor shards collide
   */
  Ingestion(ImageDecoder decoder, Path folder, List<Sample> before) {
    this.decoder = decoder;
    this.folder = folder;
    before.forEach(sample -> taken.add(sample.key()));
    this.firstShard = ShardWriter.after(before.stream().map(Sample::shard).toList());
  }

  /**
   * @param limit readable pictures wanted; 0 for all
   * @param seen hears of every picture, readable or not
   * @throws BadSourceException nothing, or less than half of it, can be read
   */
  Result ingest(ImageSource source, int limit, long shardBytes, LongConsumer seen)
      throws IOException {
    Result result = added(source, limit, shardBytes, seen);
    check(source);
    return result;
  }

  /** Like {@link #ingest}, for additions: there may be none, and all of them may be unreadable. */
  Result added(ImageSource source, int limit, long shardBytes, LongConsumer seen)
      throws IOException {
    Path quarantine = folder.resolve(QUARANTINE);
    List<BlobFile> files;
    try (ShardWriter shards = new ShardWriter(folder, shardBytes, firstShard);
        BufferedWriter rejected = Files.newBufferedWriter(quarantine, StandardCharsets.UTF_8)) {
      source.read(
          image -> {
            take(source, image, shards, rejected);
            seen.accept(samples.size() + quarantined);
            return limit > 0 && samples.size() >= limit
                ? ImageSource.Verdict.ENOUGH
                : ImageSource.Verdict.GO_ON;
          });
      files = new ArrayList<>(shards.finish());
    }
    if (quarantined > 0) {
      byte[] lines = Files.readAllBytes(quarantine);
      files.add(new BlobFile(QUARANTINE, quarantine, Sha256.of(lines), lines.length));
    }
    return new Result(List.copyOf(samples), List.copyOf(files), quarantined);
  }

  private void take(ImageSource source, RawImage image, ShardWriter shards, BufferedWriter rejected)
      throws IOException {
    try {
      ImageDecoder.Header header = decoder.header(image.bytes());
      RgbImage decoded = decoder.decode(image.bytes());
      String key = key(image.name());
      ShardWriter.Place place =
          shards.write(key, header.format(), image.bytes(), image.caption(), image.label());
      samples.add(sample(source, image, key, place, decoded));
    } catch (UnreadableImageException e) {
      quarantine(image, e, rejected);
    }
  }

  private static Sample sample(
      ImageSource source, RawImage image, String key, ShardWriter.Place place, RgbImage decoded) {
    return new Sample(
        key,
        place.shard(),
        place.offset(),
        place.bytes(),
        Sha256.of(image.bytes()),
        decoded.width(),
        decoded.height(),
        image.label(),
        image.caption(),
        image.group().isEmpty() ? key : image.group(),
        image.variant() == RawImage.Variant.DERIVED,
        source.name(),
        image.licence(),
        "",
        "all");
  }

  private void quarantine(RawImage image, UnreadableImageException e, BufferedWriter rejected)
      throws IOException {
    quarantined++;
    lastReason = image.name() + ": " + e.getMessage();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("name", image.name());
    line.put("reason", e.getMessage());
    line.put("bytes", image.bytes().length);
    line.put("sha256", Sha256.of(image.bytes()).hex());
    rejected.write(json.writeValueAsString(line));
    rejected.write('\n');
  }

  /** Names that become equal keys are told apart by a number. */
  private String key(String name) {
    String plain = ShardWriter.key(Names.stem(name));
    String key = plain;
    while (!taken.add(key)) {
      key = plain + "-" + keys.merge(plain, 1, (old, one) -> old + one);
    }
    keys.putIfAbsent(plain, 1);
    return key;
  }

  private void check(ImageSource source) {
    int all = samples.size() + quarantined;
    if (all == 0) {
      throw new BadSourceException(
          "%s: there is no picture in it; JPEG, PNG, GIF and BMP are read"
              .formatted(source.account()));
    }
    if (samples.isEmpty() || quarantined > UNREADABLE_SHARE_MAX * all) {
      throw new BadSourceException(
          "%s: %d of %d pictures cannot be read, at most half may; the last is %s"
              .formatted(source.account(), quarantined, all, lastReason));
    }
  }
}
