package io.dinoflow.ops.web;

/**
 * Text of a bounded length: its beginning and its end, because messages name the value that
 * somebody sent in their middle and the way out behind it.
 */
final class Shortened {
  private static final int HEAD = 160;
  private static final int TAIL = 240;

  private Shortened() {}

  static String text(String text) {
    if (text.length() <= HEAD + TAIL) {
      return text;
    }
    // never half of a character
    int head = Character.isLowSurrogate(text.charAt(HEAD)) ? HEAD - 1 : HEAD;
    int from = text.length() - TAIL;
    int tail = Character.isLowSurrogate(text.charAt(from)) ? from + 1 : from;
    return "%s [%,d characters left out] %s"
        .formatted(text.substring(0, head), tail - head, text.substring(tail));
  }
}
