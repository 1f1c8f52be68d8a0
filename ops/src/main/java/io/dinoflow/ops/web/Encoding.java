package io.dinoflow.ops.web;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The percent encoding of RFC 3986 over UTF-8, strictly: what has two readings has none. */
final class Encoding {
  private static final Pattern ENCODED = Pattern.compile("(?:[^%]|%[0-9a-fA-F]{2})*+");

  private static final Pattern OCTET = Pattern.compile("%([0-9a-fA-F]{2})");

  private static final Pattern NUL = Pattern.compile("%00|\\x00");

  private Encoding() {}

  /**
   * @param text a path or a query as it was sent
   */
  static boolean isReadable(String text) {
    // no name holds a NUL, and PostgreSQL takes none as a value
    return ENCODED.matcher(text).matches() && !NUL.matcher(text).find() && isUtf8(decoded(text));
  }

  /** Everything that is encoded, as the bytes that it stands for. */
  private static byte[] decoded(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Matcher encoded = OCTET.matcher(text);
    int from = 0;
    while (encoded.find()) {
      bytes.writeBytes(text.substring(from, encoded.start()).getBytes(StandardCharsets.UTF_8));
      bytes.write(Integer.parseInt(encoded.group(1), 16));
      from = encoded.end();
    }
    bytes.writeBytes(text.substring(from).getBytes(StandardCharsets.UTF_8));
    return bytes.toByteArray();
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
