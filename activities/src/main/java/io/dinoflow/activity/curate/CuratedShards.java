package io.dinoflow.activity.curate;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.CachedImages;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.ShardWriter;
import io.dinoflow.model.data.UnreadableImageException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import javax.imageio.ImageIO;

/**
 * Writes the taken pictures into new shards in their order, shrunk where the recipe says so: shrunk
 * ones become PNG, so that nothing is lost twice.
 */
final class CuratedShards {

  /** Samples with their new places, and the shards. */
  record Written(List<Sample> samples, List<BlobFile> files) {}

  private final CachedImages images;
  private final int longestSide;

  /**
   * @param longestSide larger pictures are shrunk to it; 0 keeps all as they are
   */
  CuratedShards(CachedImages images, int longestSide) {
    this.images = images;
    this.longestSide = longestSide;
  }

  Written write(List<Curation.Taken> taken, Path folder, long shardBytes, IntConsumer done)
      throws IOException {
    List<Sample> samples = new ArrayList<>(taken.size());
    try (ShardWriter shards = new ShardWriter(folder, shardBytes)) {
      for (Curation.Taken each : taken) {
        samples.add(write(each, shards));
        done.accept(samples.size());
      }
      return new Written(List.copyOf(samples), shards.finish());
    }
  }

  private Sample write(Curation.Taken taken, ShardWriter shards) throws IOException {
    Sample old = taken.sample();
    try {
      boolean shrinks = longestSide > 0 && Math.max(old.width(), old.height()) > longestSide;
      RgbImage image = images.image(old);
      RgbImage small = shrinks ? shrunk(image) : image;
      byte[] bytes = shrinks ? png(small) : images.bytes(old);
      String extension = shrinks ? "png" : images.format(bytes);
      ShardWriter.Place place =
          shards.write(old.key(), extension, bytes, old.caption(), old.label());
      return new Sample(
          old.key(),
          place.shard(),
          place.offset(),
          place.bytes(),
          Sha256.of(bytes),
          small.width(),
          small.height(),
          old.label(),
          old.caption(),
          old.group(),
          old.variant(),
          old.source(),
          old.licence(),
          taken.clusterPath(),
          taken.sampledBy());
    } catch (UnreadableImageException e) {
      throw new IOException(
          "sample %s was readable when it came in: %s".formatted(old.key(), e.getMessage()), e);
    }
  }

  private RgbImage shrunk(RgbImage image) {
    double scale = (double) longestSide / Math.max(image.width(), image.height());
    return image.resized(
        Math.max(1, (int) Math.rint(image.width() * scale)),
        Math.max(1, (int) Math.rint(image.height() * scale)));
  }

  private static byte[] png(RgbImage image) throws IOException {
    BufferedImage out =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = image.rgb();
    for (int i = 0; i < image.width() * image.height(); i++) {
      int level =
          (rgb[3 * i] & 0xFF) << 16 | (rgb[3 * i + 1] & 0xFF) << 8 | (rgb[3 * i + 2] & 0xFF);
      out.setRGB(i % image.width(), i / image.width(), level);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(out, "png", bytes);
    return bytes.toByteArray();
  }
}
