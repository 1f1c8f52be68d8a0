package io.dinoflow.activity.curate;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.CachedImages;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.ShardWriter;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CuratedShardsTest {
  private static final int PICTURES = 20;

  @TempDir Path folder;
  private final List<Sample> samples = new ArrayList<>();
  private final List<Curation.Taken> taken = new ArrayList<>();

  @BeforeEach
  void source() throws IOException {
    Path from = Files.createDirectories(folder.resolve("source"));
    try (ShardWriter shards = new ShardWriter(from, 8192)) {
      for (int i = 0; i < PICTURES; i++) {
        String format = i % 3 == 0 ? "jpeg" : "png";
        int width = 10 + i;
        byte[] bytes = picture(format, i, width, 12);
        String key = "picture-" + i;
        ShardWriter.Place place = shards.write(key, format, bytes, "caption " + i, "label");
        samples.add(
            new Sample(
                key,
                place.shard(),
                place.offset(),
                place.bytes(),
                Sha256.of(bytes),
                width,
                12,
                "label",
                "caption " + i,
                key,
                i % 2 == 1,
                "given",
                "free",
                "",
                "all"));
      }
      shards.finish();
    }
    for (int i = PICTURES - 1; i >= 0; i -= 2) {
      taken.add(new Curation.Taken(samples.get(i), "0/" + i, "cluster"));
    }
  }

  @Test
  void keepsBytesAndFactsInTheNewOrder() throws Exception {
    CuratedShards.Written written = write("a", 0);
    assertThat(written.files()).hasSizeGreaterThan(1);
    assertThat(written.samples()).hasSize(taken.size());
    CachedImages before = images("source");
    CachedImages after = images("a");
    for (int i = 0; i < taken.size(); i++) {
      Sample old = taken.get(i).sample();
      Sample now = written.samples().get(i);
      assertThat(after.bytes(now)).isEqualTo(before.bytes(old));
      assertThat(now.sha256()).isEqualTo(old.sha256());
      assertThat(now.clusterPath()).isEqualTo(taken.get(i).clusterPath());
      assertThat(now.sampledBy()).isEqualTo("cluster");
      assertThat(now)
          .usingRecursiveComparison()
          .ignoringFields("shard", "offset", "clusterPath", "sampledBy")
          .isEqualTo(old);
    }
  }

  @Test
  void givesTheSameBytesTwice() throws Exception {
    for (int side : List.of(0, 16)) {
      CuratedShards.Written one = write("one" + side, side);
      CuratedShards.Written two = write("two" + side, side);
      assertThat(one.samples()).isEqualTo(two.samples());
      assertThat(one.files())
          .extracting(BlobFile::sha256)
          .containsExactlyElementsOf(two.files().stream().map(BlobFile::sha256).toList());
    }
  }

  @Test
  void shrinksLargerPicturesWithoutAnotherLoss() throws Exception {
    CuratedShards.Written written = write("small", 16);
    CachedImages before = images("source");
    CachedImages after = images("small");
    int shrunk = 0;
    for (int i = 0; i < taken.size(); i++) {
      Sample old = taken.get(i).sample();
      Sample now = written.samples().get(i);
      assertThat(Math.max(now.width(), now.height())).isLessThanOrEqualTo(16);
      assertThat(now.sha256()).isEqualTo(Sha256.of(after.bytes(now)));
      RgbImage found = after.image(now);
      assertThat(found.width()).isEqualTo(now.width());
      assertThat(found.height()).isEqualTo(now.height());
      if (old.width() > 16) {
        shrunk++;
        RgbImage wanted = before.image(old).resized(now.width(), now.height());
        assertThat(found.rgb()).isEqualTo(wanted.rgb());
        assertThat(after.format(after.bytes(now))).isEqualTo("png");
      } else {
        assertThat(now.sha256()).isEqualTo(old.sha256());
      }
    }
    assertThat(shrunk).isBetween(1, taken.size() - 1);
  }

  @Test
  void tellsHowFarItIs() throws Exception {
    List<Integer> heard = new ArrayList<>();
    Path into = Files.createDirectories(folder.resolve("heard"));
    new CuratedShards(images("source"), 0).write(taken, into, 8192, heard::add);
    assertThat(heard).hasSize(taken.size()).isSorted();
  }

  private CuratedShards.Written write(String name, int side) throws IOException {
    Path into = Files.createDirectories(folder.resolve(name));
    return new CuratedShards(images("source"), side).write(taken, into, 4096, done -> {});
  }

  private CachedImages images(String name) {
    return CachedImages.of(new Dataset(samples, folder.resolve(name)::resolve));
  }

  private static byte[] picture(String format, int seed, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(seed);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, format, out);
    return out.toByteArray();
  }
}
