package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads pictures from local shards and keeps decoded ones, least recently used out first, within a
 * bound of bytes. Small datasets are decoded once; large ones cost a read and a decode each time.
 */
public final class CachedImages implements SampleImages {

  private static final long BYTES_MAX = 256L << 20;

  private final ShardSource shards;
  private final ImageDecoder decoder;
  private final long bytesMax;
  private final Map<Sha256, RgbImage> kept = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;

  public CachedImages(ShardSource shards, ImageDecoder decoder, long bytesMax) {
    this.shards = shards;
    this.decoder = decoder;
    this.bytesMax = bytesMax;
  }

  public static CachedImages of(Dataset dataset) {
    return new CachedImages(dataset.shards(), new ImageDecoder(), BYTES_MAX);
  }

  @Override
  public RgbImage image(Sample sample) throws UnreadableImageException, IOException {
    RgbImage known = known(sample.sha256());
    if (known != null) {
      return known;
    }
    RgbImage decoded = decoder.decode(bytes(sample));
    keep(sample.sha256(), decoded);
    return decoded;
  }

  @Override
  public void soon(List<Sample> samples) {
    shards.soon(samples.stream().map(Sample::shard).distinct().toList());
  }

  /** Format of a picture's bytes, as its file's extension. */
  public String format(byte[] stored) throws UnreadableImageException {
    return decoder.header(stored).format();
  }

  /** The picture's bytes as they are stored. */
  public byte[] bytes(Sample sample) throws IOException {
    Path shard = shards.local(sample.shard());
    ByteBuffer into = ByteBuffer.allocate(Math.toIntExact(sample.bytes()));
    try (FileChannel channel = FileChannel.open(shard, StandardOpenOption.READ)) {
      while (into.hasRemaining()) {
        if (channel.read(into, sample.offset() + into.position()) < 0) {
          throw new EOFException(
              "shard %s ends at byte %d, but sample %s lies at %d + %d"
                  .formatted(
                      sample.shard(),
                      channel.size(),
                      sample.key(),
                      sample.offset(),
                      sample.bytes()));
        }
      }
    }
    return into.array();
  }

  private synchronized @Nullable RgbImage known(Sha256 key) {
    return kept.get(key);
  }

  private synchronized void keep(Sha256 key, RgbImage image) {
    if (image.rgb().length > bytesMax || kept.containsKey(key)) {
      return;
    }
    kept.put(key, image);
    bytes += image.rgb().length;
    Iterator<RgbImage> oldest = kept.values().iterator();
    while (bytes > bytesMax) {
      bytes -= oldest.next().rgb().length;
      oldest.remove();
    }
  }
}
