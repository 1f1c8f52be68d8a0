package io.dinoflow.model.train;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.ShardWriter;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** Sixteen small pictures in a real shard, one a colour and form, whose captions say both. */
final class CaptionedPictures {
  private static final int SIDE = 24;
  private static final List<String> COLOURS = List.of("red", "green", "blue", "yellow");
  private static final List<Color> PAINTS =
      List.of(Color.RED, Color.GREEN, Color.BLUE, Color.YELLOW);
  private static final List<String> FORMS = List.of("square", "bar", "column", "frame");

  private CaptionedPictures() {}

  static Dataset in(Path folder) {
    List<Sample> samples = new ArrayList<>();
    try (ShardWriter writer = new ShardWriter(folder, 1 << 20)) {
      for (int i = 0; i < COLOURS.size() * FORMS.size(); i++) {
        String caption = caption(i);
        byte[] png = png(i);
        ShardWriter.Place place = writer.write("p" + i, "png", png, caption, "");
        samples.add(
            new Sample(
                "p" + i,
                place.shard(),
                place.offset(),
                place.bytes(),
                Sha256.of(png),
                SIDE,
                SIDE,
                "",
                caption,
                "p" + i,
                false,
                "test",
                "",
                "",
                "all"));
      }
      writer.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Dataset(samples, folder::resolve);
  }

  private static String caption(int i) {
    return "a %s %s".formatted(COLOURS.get(i % COLOURS.size()), FORMS.get(i / COLOURS.size()));
  }

  private static byte[] png(int i) throws IOException {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setColor(PAINTS.get(i % COLOURS.size()));
    switch (i / COLOURS.size()) {
      case 0 -> g.fillRect(4, 4, 16, 16);
      case 1 -> g.fillRect(0, 9, 24, 6);
      case 2 -> g.fillRect(9, 0, 6, 24);
      default -> {
        g.fillRect(2, 2, 20, 20);
        g.setColor(Color.BLACK);
        g.fillRect(7, 7, 10, 10);
      }
    }
    g.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }
}
