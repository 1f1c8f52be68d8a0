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
import java.util.Locale;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/**
 * JPEGs made here, the same everywhere: smooth noise in octaves, whose spectrum falls as that of
 * photographs does, so that decoding them costs about as much.
 */
final class DataPictures {
  static final int PICTURES = 64;
  static final int WIDTH = 400;
  static final int HEIGHT = 300;

  private static final int OCTAVES = 7;
  private static final int COARSEST_CELL = 128;
  private static final float LOWER = 0.75f;

  private DataPictures() {}

  /** Written into a folder, as single files and as the shard of a dataset of the same pictures. */
  static Dataset in(Path folder) throws IOException {
    Path shards = Files.createDirectories(folder.resolve("shards"));
    List<Sample> samples = new ArrayList<>();
    try (ShardWriter writer = new ShardWriter(shards, Long.MAX_VALUE)) {
      for (int i = 0; i < PICTURES; i++) {
        byte[] jpeg = jpeg(new SplittableRandom(i));
        String key = String.format(Locale.ROOT, "noise%03d", i);
        Files.write(folder.resolve(key + ".jpeg"), jpeg);
        samples.add(sample(key, jpeg, writer.write(key, "jpeg", jpeg, "", "")));
      }
      writer.finish();
    }
    return new Dataset(samples, shards::resolve);
  }

  private static Sample sample(String key, byte[] jpeg, ShardWriter.Place place) {
    return new Sample(
        key,
        place.shard(),
        place.offset(),
        place.bytes(),
        Sha256.of(jpeg),
        WIDTH,
        HEIGHT,
        "",
        "",
        key,
        false,
        "bench",
        "",
        "",
        "all");
  }

  private static byte[] jpeg(SplittableRandom random) throws IOException {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    float[][] channels = {noise(random), noise(random), noise(random)};
    float[] shared = noise(random);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      int rgb = 0;
      for (float[] channel : channels) {
        // Colours of photographs vary less than their brightness.
        int level = Math.round(128 + 110 * shared[i] + 60 * channel[i]);
        rgb = rgb << 8 | Math.max(0, Math.min(255, level));
      }
      image.setRGB(i % WIDTH, i / WIDTH, rgb);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", out);
    return out.toByteArray();
  }

  /** Octaves of bilinear noise: each has cells of half the side of the one before, and is lower. */
  private static float[] noise(SplittableRandom random) {
    float[] sum = new float[WIDTH * HEIGHT];
    float height = 0.5f;
    for (int octave = 0; octave < OCTAVES; octave++, height *= LOWER) {
      int cell = COARSEST_CELL >> octave;
      int across = WIDTH / cell + 2;
      float[] corners = new float[across * (HEIGHT / cell + 2)];
      for (int i = 0; i < corners.length; i++) {
        corners[i] = height * (float) random.nextDouble(-1, 1);
      }
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          sum[y * WIDTH + x] += between(corners, across, (float) x / cell, (float) y / cell);
        }
      }
    }
    return sum;
  }

  private static float between(float[] corners, int across, float x, float y) {
    int left = (int) x;
    int top = (int) y;
    float right = x - left;
    float below = y - top;
    int at = top * across + left;
    float upper = corners[at] * (1 - right) + corners[at + 1] * right;
    float lower = corners[at + across] * (1 - right) + corners[at + across + 1] * right;
    return upper * (1 - below) + lower * below;
  }
}
