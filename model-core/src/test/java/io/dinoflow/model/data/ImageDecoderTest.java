package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {

  private final ImageDecoder decoder = new ImageDecoder();

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "gif", "bmp"})
  void readsWhatItNames(String format) throws Exception {
    byte[] bytes = picture(format, BufferedImage.TYPE_INT_RGB);
    RgbImage image = decoder.decode(bytes);
    assertThat(image.width()).isEqualTo(60);
    assertThat(image.height()).isEqualTo(40);
    assertThat(image.rgb()[0] & 0xFF).isCloseTo(200, within(25));
    assertThat(image.rgb()[1] & 0xFF).isCloseTo(30, within(25));
    assertThat(decoder.header(bytes)).isEqualTo(new ImageDecoder.Header(format, 60, 40));
  }

  @Test
  void compositesAlphaOnWhite() throws Exception {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x00FF0000);
    image.setRGB(1, 0, 0x80000000);
    RgbImage decoded = decoder.decode(encoded(image, "png"));
    assertThat(decoded.rgb()).containsExactly(255, 255, 255, 127, 127, 127);
  }

  @Test
  void keepsGreyLevelsAsTheyAreStored() throws Exception {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setSample(0, 0, 0, 10);
    image.getRaster().setSample(1, 0, 0, 100);
    image.getRaster().setSample(2, 0, 0, 200);
    assertThat(decoder.decode(encoded(image, "png")).rgb())
        .containsExactly(10, 10, 10, 100, 100, 100, (byte) 200, (byte) 200, (byte) 200);
  }

  @Test
  void refusesAnImageBombFromItsHeader() throws Exception {
    byte[] bomb = bomb(50_000);
    assertThat(bomb.length).isLessThan(200_000);
    long before = usedBytes();
    assertThatThrownBy(() -> decoder.decode(bomb))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("50000x50000")
        .hasMessageContaining("at most");
    assertThat(usedBytes() - before).isLessThan(64L << 20);
  }

  @Test
  void refusesABmpThatSaysItHoldsAnotherPictureOfAnySize() throws Exception {
    byte[] bytes = picture("bmp", BufferedImage.TYPE_INT_RGB);
    bytes[30] = 4; // a JPEG
    bytes[37] = 0x7f; // of 2 GB
    assertThatThrownBy(() -> decoder.decode(bytes))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("BMP holds data of kind 4");
    bytes[14] = 12; // the oldest header is shorter and has no such field
    assertThatThrownBy(() -> decoder.decode(bytes)).isInstanceOf(UnreadableImageException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "gif", "bmp"})
  void refusesATruncatedPicture(String format) throws Exception {
    byte[] bytes = picture(format, BufferedImage.TYPE_INT_RGB);
    byte[] cut = Arrays.copyOf(bytes, bytes.length * 2 / 3);
    assertThatThrownBy(() -> decoder.decode(cut))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining(format);
  }

  @Test
  void refusesWhatIsNoPictureWhateverItsNameSays() {
    assertThatThrownBy(() -> decoder.decode("<html>".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("no JPEG, PNG, GIF or BMP");
    assertThatThrownBy(() -> decoder.decode(new byte[0])).hasMessageContaining("empty");
  }

  @Test
  void neverFailsWithAnythingButItsOwnExceptionOnDamagedBytes() throws Exception {
    for (String format : new String[] {"png", "jpeg", "gif", "bmp"}) {
      byte[] bytes = picture(format, BufferedImage.TYPE_INT_RGB);
      for (int i = 8; i < bytes.length; i += Math.max(1, bytes.length / 60)) {
        byte[] damaged = bytes.clone();
        damaged[i] ^= 0x5A;
        try {
          decoder.decode(damaged);
        } catch (UnreadableImageException refused) {
          assertThat(refused.getMessage()).isNotBlank();
        }
      }
    }
  }

  private static long usedBytes() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static byte[] picture(String format, int type) throws IOException {
    BufferedImage image = new BufferedImage(60, 40, type);
    Graphics2D g = image.createGraphics();
    g.setColor(new Color(200, 30, 60));
    g.fillRect(0, 0, 60, 40);
    for (int i = 0; i < 30; i++) {
      g.setColor(new Color(i * 8, 255 - i * 7, i * 31 % 256));
      g.fillOval(i * 13 % 50 + 8, i * 7 % 30 + 8, 9, 5);
    }
    g.dispose();
    return encoded(image, format);
  }

  private static byte[] encoded(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }

  /** A PNG of side x side one-bit pixels, all zero: kilobytes that unpack to gigabytes of RGB. */
  private static byte[] bomb(int side) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(header);
    fields.writeInt(side);
    fields.writeInt(side);
    fields.write(new byte[] {1, 0, 0, 0, 0});
    chunk(out, "IHDR", header.toByteArray());
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflate = new DeflaterOutputStream(packed, new Deflater(9))) {
      byte[] row = new byte[side / 8 + 1];
      for (int y = 0; y < 1000; y++) {
        deflate.write(row);
      }
    }
    chunk(out, "IDAT", packed.toByteArray());
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] data)
      throws IOException {
    DataOutputStream fields = new DataOutputStream(out);
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    fields.writeInt(data.length);
    fields.write(name);
    fields.write(data);
    fields.writeInt((int) crc.getValue());
  }
}
