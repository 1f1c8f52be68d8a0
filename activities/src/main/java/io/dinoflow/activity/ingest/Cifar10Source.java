package io.dinoflow.activity.ingest;

import ai.djl.Application;
import ai.djl.basicdataset.BasicDatasets;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import javax.imageio.ImageIO;

/**
 * CIFAR-10 from DJL's dataset repository: the 50,000 training pictures in its binary form, a label
 * byte and 3 x 32 x 32 levels a record, kept as PNG.
 */
final class Cifar10Source implements ImageSource {
  private static final int SIDE = 32;
  private static final int PIXELS = SIDE * SIDE;
  private static final int RECORD_BYTES = 1 + 3 * PIXELS;
  private static final long PICTURES = 50_000;
  private static final String TRAINING_FILE = "data_batch.bin";
  private static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  @Override
  public String name() {
    return "cifar10";
  }

  @Override
  public String account() {
    return "CIFAR-10's training pictures from DJL's dataset repository";
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.of(PICTURES);
  }

  @Override
  public void read(Visitor visitor) throws IOException {
    try (InputStream in = open()) {
      for (int i = 0; ; i++) {
        byte[] record = in.readNBytes(RECORD_BYTES);
        if (record.length == 0) {
          return;
        }
        if (record.length < RECORD_BYTES || record[0] < 0 || record[0] >= CLASSES.size()) {
          throw new BadSourceException(
              "CIFAR-10's file %s is damaged at record %d; remove DJL's cache (~/.djl.ai/cache) to download it again"
                  .formatted(TRAINING_FILE, i));
        }
        String label = CLASSES.get(record[0]);
        RawImage image =
            RawImage.of(
                "%s-%05d.png".formatted(label, i),
                png(record),
                label,
                "",
                "CIFAR-10, Krizhevsky 2009");
        if (visitor.visit(image) == Verdict.ENOUGH) {
          return;
        }
      }
    }
  }

  private static InputStream open() {
    try {
      MRL resource =
          BasicDatasets.REPOSITORY.dataset(
              Application.CV.ANY, BasicDatasets.GROUP_ID, "cifar10", "1.0");
      Artifact artifact = resource.getDefaultArtifact();
      if (artifact == null) {
        throw new IOException("it lists no cifar10");
      }
      resource.prepare(artifact);
      Map<String, Artifact.Item> files = artifact.getFiles();
      Artifact.Item item = files.get(TRAINING_FILE);
      if (item == null) {
        throw new IOException("it has files %s, not %s".formatted(files.keySet(), TRAINING_FILE));
      }
      return BasicDatasets.REPOSITORY.openStream(item, null);
    } catch (IOException e) {
      throw new BadSourceException(
          "cifar10 cannot be had from DJL's repository %s (%s); give a folder that holds it, --data DIR with tars and a labels.csv or one sub-folder a class, or take --data emoji"
              .formatted(BasicDatasets.DJL_REPO_URL, e.getMessage()),
          e);
    }
  }

  private static byte[] png(byte[] record) throws IOException {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < PIXELS; i++) {
      int r = record[1 + i] & 0xFF;
      int g = record[1 + PIXELS + i] & 0xFF;
      int b = record[1 + 2 * PIXELS + i] & 0xFF;
      image.setRGB(i % SIDE, i / SIDE, r << 16 | g << 8 | b);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }
}
