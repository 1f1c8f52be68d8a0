package io.dinoflow.model.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Bytes to pixels: JPEG, PNG, GIF (first frame) and BMP, told apart by their first bytes and never
 * by a name.
 *
 * <p>Limits are checked on the header, before any memory for pixels is taken, so a few kilobytes
 * that unpack to gigabytes are refused. Alpha is composited on white; levels are taken as they are
 * stored (no colour profile, no gamma), as PIL does, so that both give equal pixels. Thread-safe.
 */
public final class ImageDecoder {

  /** File size and picture size that are accepted. */
  public record Limits(long bytesMax, long pixelsMax, int sideMax) {
    public static final Limits DEFAULT = new Limits(64L << 20, 40_000_000, 30_000);
  }

  /** What a picture's header says. */
  public record Header(String format, int width, int height) {}

  private static final int OPAQUE = 255;

  /** Where a BMP says how long its header is, and the length of the one without a compression. */
  private static final int BMP_HEADER_BYTES = 14;

  private static final int BMP_OLDEST_HEADER_BYTES = 12;

  /** Where a BMP says how its pixels are stored, and the last way that is pixels. */
  private static final int BMP_COMPRESSION = 30;

  private static final int BMP_BIT_FIELDS = 3;

  private final Limits limits;

  public ImageDecoder(Limits limits) {
    this.limits = limits;
  }

  public ImageDecoder() {
    this(Limits.DEFAULT);
  }

  /** Reads the header only. */
  public Header header(byte[] bytes) throws UnreadableImageException {
    return read(bytes, (reader, header) -> header);
  }

  /**
   * @throws UnreadableImageException no such format, damaged, truncated, or beyond the limits
   */
  public RgbImage decode(byte[] bytes) throws UnreadableImageException {
    return read(
        bytes,
        (reader, header) -> {
          List<String> warnings = new ArrayList<>();
          reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
          BufferedImage image = reader.read(0);
          for (String warning : warnings) {
            // The JPEG reader fills what is missing with grey and only warns.
            String lower = warning.toLowerCase(Locale.ROOT);
            if (lower.contains("premature") || lower.contains("corrupt")) {
              throw new UnreadableImageException(
                  "%s is truncated or damaged: %s".formatted(header.format(), warning));
            }
          }
          return rgb(image);
        });
  }

  /** What is done with an open reader whose header was judged. */
  private interface Body<R> {
    R apply(ImageReader reader, Header header) throws IOException, UnreadableImageException;
  }

  private <R> R read(byte[] bytes, Body<R> body) throws UnreadableImageException {
    if (bytes.length > limits.bytesMax()) {
      throw new UnreadableImageException(
          "file of %d bytes, at most %d are read".formatted(bytes.length, limits.bytesMax()));
    }
    String format = format(bytes);
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    ImageReader reader = readers.next();
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      reader.setInput(in, true, true);
      Header header = new Header(format, reader.getWidth(0), reader.getHeight(0));
      check(header);
      return body.apply(reader, header);
    } catch (IOException e) {
      throw new UnreadableImageException(
          "%s is truncated or damaged: %s".formatted(format, message(e)), e);
    } catch (RuntimeException e) {
      // On hostile bytes the platform's readers fail with whatever their arithmetic runs into.
      throw new UnreadableImageException("%s is damaged: %s".formatted(format, message(e)), e);
    } finally {
      reader.dispose();
    }
  }

  private void check(Header header) throws UnreadableImageException {
    long pixels = (long) header.width() * header.height();
    if (header.width() < 1 || header.height() < 1) {
      throw new UnreadableImageException(
          "%s of %dx%d pixels is empty"
              .formatted(header.format(), header.width(), header.height()));
    }
    if (pixels > limits.pixelsMax()
        || Math.max(header.width(), header.height()) > limits.sideMax()) {
      throw new UnreadableImageException(
          "%s of %dx%d pixels, at most %d pixels and sides of %d are read"
              .formatted(
                  header.format(),
                  header.width(),
                  header.height(),
                  limits.pixelsMax(),
                  limits.sideMax()));
    }
  }

  private static String message(Exception e) {
    return Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
  }

  private static String format(byte[] bytes) throws UnreadableImageException {
    if (startsWith(bytes, 0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A)) {
      return "png";
    }
    if (startsWith(bytes, 0xFF, 0xD8, 0xFF)) {
      return "jpeg";
    }
    if (startsWith(bytes, 'G', 'I', 'F', '8')) {
      return "gif";
    }
    if (startsWith(bytes, 'B', 'M')) {
      refuseOtherPicturesWithin(bytes);
      return "bmp";
    }
    StringBuilder start = new StringBuilder();
    for (int i = 0; i < Math.min(8, bytes.length); i++) {
      start.append("%02x".formatted(bytes[i]));
    }
    throw new UnreadableImageException(
        bytes.length == 0
            ? "the file is empty"
            : "no JPEG, PNG, GIF or BMP: it starts with bytes " + start);
  }

  /**
   * A BMP may hold a JPEG or PNG and say how large that is; the platform's reader takes as much
   * memory as it says. Nobody has such pictures.
   */
  private static void refuseOtherPicturesWithin(byte[] bmp) throws UnreadableImageException {
    boolean says =
        bmp.length >= BMP_COMPRESSION + Integer.BYTES
            && littleEndian(bmp, BMP_HEADER_BYTES) > BMP_OLDEST_HEADER_BYTES;
    int compression = says ? littleEndian(bmp, BMP_COMPRESSION) : 0;
    if (compression < 0 || compression > BMP_BIT_FIELDS) {
      throw new UnreadableImageException(
          "BMP holds data of kind %d, only kinds 0 (plain) to %d are read"
              .formatted(compression, BMP_BIT_FIELDS));
    }
  }

  private static int littleEndian(byte[] bytes, int offset) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(offset);
  }

  private static boolean startsWith(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((bytes[i] & 0xFF) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static RgbImage rgb(BufferedImage image) {
    ColorModel model = image.getColorModel();
    boolean raw =
        model instanceof ComponentColorModel
            && image.getRaster().getTransferType() == DataBuffer.TYPE_BYTE
            && !model.isAlphaPremultiplied()
            && model.getComponentSize(0) == 8;
    int type = model.getColorSpace().getType();
    if (raw && (type == ColorSpace.TYPE_GRAY || type == ColorSpace.TYPE_RGB)) {
      int colours = type == ColorSpace.TYPE_GRAY ? 1 : 3;
      return image.getRaster().getSampleModel() instanceof PixelInterleavedSampleModel layout
              && image.getRaster().getDataBuffer() instanceof DataBufferByte bytes
              && colours == 3
              && !model.hasAlpha()
          ? fromBytes(image, layout, bytes)
          : fromBands(image, colours, model.hasAlpha());
    }
    return fromColorModel(image);
  }

  /** What JPEGs mostly become: three bytes a pixel, in some order. */
  private static RgbImage fromBytes(
      BufferedImage image, PixelInterleavedSampleModel layout, DataBufferByte bytes) {
    int w = image.getWidth();
    int h = image.getHeight();
    Raster raster = image.getRaster();
    byte[] stored = bytes.getData();
    int[] bands = layout.getBandOffsets();
    int first =
        bytes.getOffset()
            + layout.getOffset(
                raster.getMinX() - raster.getSampleModelTranslateX(),
                raster.getMinY() - raster.getSampleModelTranslateY(),
                0)
            - bands[0];
    byte[] rgb = new byte[3 * w * h];
    int out = 0;
    for (int y = 0; y < h; y++) {
      int from = first + y * layout.getScanlineStride();
      for (int x = 0; x < w; x++, from += layout.getPixelStride()) {
        rgb[out++] = stored[from + bands[0]];
        rgb[out++] = stored[from + bands[1]];
        rgb[out++] = stored[from + bands[2]];
      }
    }
    return new RgbImage(w, h, rgb);
  }

  /** Stored levels as they are; the platform would convert grey as linear light. */
  private static RgbImage fromBands(BufferedImage image, int colours, boolean alpha) {
    int w = image.getWidth();
    int h = image.getHeight();
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    byte[] rgb = new byte[3 * w * h];
    int[] row = new int[bands * w];
    int out = 0;
    for (int y = 0; y < h; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, w, 1, row);
      for (int x = 0; x < w; x++) {
        int a = alpha ? row[x * bands + colours] : OPAQUE;
        for (int c = 0; c < 3; c++) {
          rgb[out++] = onWhite(row[x * bands + (colours == 1 ? 0 : c)], a);
        }
      }
    }
    return new RgbImage(w, h, rgb);
  }

  private static RgbImage fromColorModel(BufferedImage image) {
    int w = image.getWidth();
    int h = image.getHeight();
    byte[] rgb = new byte[3 * w * h];
    int[] row = new int[w];
    int out = 0;
    for (int y = 0; y < h; y++) {
      image.getRGB(0, y, w, 1, row, 0, w);
      for (int argb : row) {
        int a = argb >>> 24;
        rgb[out++] = onWhite((argb >> 16) & 0xFF, a);
        rgb[out++] = onWhite((argb >> 8) & 0xFF, a);
        rgb[out++] = onWhite(argb & 0xFF, a);
      }
    }
    return new RgbImage(w, h, rgb);
  }

  private static byte onWhite(int level, int alpha) {
    return (byte)
        (alpha == OPAQUE ? level : (level * alpha + OPAQUE * (OPAQUE - alpha) + 127) / OPAQUE);
  }
}
