package io.dinoflow.ops.report;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;

/**
 * A PNG as it is stored.
 *
 * @param width,height in pixels
 */
public record Picture(int width, int height, String dataUri) {
  private static final long SIGNATURE = 0x89504E470D0A1A0AL;
  private static final int HEADER_BYTES = 24;

  /** The picture, unless the bytes are no PNG (PNG specification, sections 5.2 and 11.2.1). */
  public static Optional<Picture> ofPng(byte[] bytes) {
    ByteBuffer header = ByteBuffer.wrap(bytes);
    if (bytes.length < HEADER_BYTES || header.getLong() != SIGNATURE) {
      return Optional.empty();
    }
    int width = header.getInt(16);
    int height = header.getInt(20);
    if (width <= 0 || height <= 0) {
      return Optional.empty();
    }
    return Optional.of(
        new Picture(
            width, height, "data:image/png;base64," + Base64.getEncoder().encodeToString(bytes)));
  }
}
