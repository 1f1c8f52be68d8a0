package io.dinoflow.ops.bench;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.ShardWriter;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** Pictures made here, the same everywhere: coarse coloured noise, no two alike. */
final class StepPictures {
  private static final int PICTURES = 16;
  private static final int SIDE = 128;
  private static final int CELL = 8;

  private StepPictures() {}

  /** Written into a folder as the shard of a dataset. */
  static Dataset in(Path folder) throws IOException {
    Files.createDirectories(folder);
    List<Sample> samples = new ArrayList<>();
    try (ShardWriter writer = new ShardWriter(folder, 64L << 20)) {
      for (int i = 0; i < PICTURES; i++) {
        String key = "noise" + i;
        byte[] png = png(new SplittableRandom(i));
        ShardWriter.Place place = writer.write(key, "png", png, "", "");
        samples.add(
            new Sample(
                key,
                place.shard(),
                place.offset(),
                place.bytes(),
                Sha256.of(png),
                SIDE,
                SIDE,
                "",
                "",
                key,
                false,
                "bench",
                "",
                "",
                "all"));
      }
      writer.finish();
    }
    return new Dataset(samples, folder::resolve);
  }

  private static byte[] png(SplittableRandom random) throws IOException {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < SIDE; y += CELL) {
      for (int x = 0; x < SIDE; x += CELL) {
        int rgb = random.nextInt(1 << 24);
        for (int i = 0; i < CELL * CELL; i++) {
          image.setRGB(x + i % CELL, y + i / CELL, rgb);
        }
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }
}
