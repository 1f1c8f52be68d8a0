package io.dinoflow.model.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * CLIP's byte-pair encoding (Radford et al. 2021): captions to ids out of 49,408.
 *
 * <p>A caption is cleaned, lower-cased and cut into words, digits and signs; each of these is its
 * UTF-8 bytes, which are merged pair by pair in the order of the published merges. Ids: 256 bytes,
 * the same 256 at a word's end, 48,894 merges, start, end. Thread-safe.
 */
public final class ClipTokenizer {
  /** Number of ids. */
  public static final int VOCABULARY = 49408;

  /** Id of the start token. */
  public static final int START = VOCABULARY - 2;

  /** Id of the end token, the largest. */
  public static final int END = VOCABULARY - 1;

  private static final String MERGES = "bpe_simple_vocab_16e6.txt.gz";
  private static final int MERGE_COUNT = START - 2 * 256;
  private static final String WORD_END = "</w>";
  private static final int REMEMBERED_MAX = 100_000;
  private static final String START_TEXT = "<|startoftext|>";
  private static final String END_TEXT = "<|endoftext|>";

  private static final Pattern PIECES =
      Pattern.compile(
          "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d"
              + "|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private final String[] byteLetters = byteLetters();
  private final Map<String, Integer> ids = new HashMap<>(2 * VOCABULARY);
  private final Map<String, Integer> ranks = new HashMap<>(2 * VOCABULARY);
  private final Map<String, int[]> remembered = new ConcurrentHashMap<>();

  private ClipTokenizer(List<String> merges) {
    byte[] order = byteOrder();
    for (String end : new String[] {"", WORD_END}) {
      for (byte b : order) {
        ids.put(byteLetters[b & 0xFF] + end, ids.size());
      }
    }
    for (String merge : merges) {
      ranks.put(merge, ranks.size());
      ids.put(merge.replace(" ", ""), ids.size());
    }
    ids.put(START_TEXT, ids.size());
    ids.put(END_TEXT, ids.size());
    if (ids.size() != VOCABULARY) {
      throw new IllegalStateException(
          "%s gives %d ids, must give %d".formatted(MERGES, ids.size(), VOCABULARY));
    }
  }

  private static final class Loaded {
    private static final ClipTokenizer TOKENIZER = new ClipTokenizer(merges());
  }

  /** The one vocabulary there is, read at first use. */
  public static ClipTokenizer clip() {
    return Loaded.TOKENIZER;
  }

  /**
   * Start token, ids, end token, zeros. A text that is too long is cut, and its last id is the end
   * token.
   */
  public int[] encode(String text, int contextLength) {
    int[] body = ids(text);
    int[] padded = new int[contextLength];
    padded[0] = START;
    int kept = Math.min(body.length, contextLength - 2);
    System.arraycopy(body, 0, padded, 1, kept);
    padded[kept + 1] = END;
    return padded;
  }

  /** Ids of a text alone, without start, end or padding. */
  public int[] ids(String text) {
    List<int[]> words = new ArrayList<>();
    int total = 0;
    Matcher pieces = PIECES.matcher(CaptionText.clean(text).toLowerCase(Locale.ROOT));
    while (pieces.find()) {
      int[] word = word(pieces.group());
      words.add(word);
      total += word.length;
    }
    int[] all = new int[total];
    int at = 0;
    for (int[] word : words) {
      System.arraycopy(word, 0, all, at, word.length);
      at += word.length;
    }
    return all;
  }

  private int[] word(String piece) {
    int[] known = remembered.get(piece);
    if (known != null) {
      return known;
    }
    int[] word = merged(piece);
    if (remembered.size() < REMEMBERED_MAX) {
      remembered.put(piece, word);
    }
    return word;
  }

  private int[] merged(String piece) {
    if (piece.equals(START_TEXT) || piece.equals(END_TEXT)) {
      return new int[] {id(piece)};
    }
    List<String> parts = new ArrayList<>();
    for (byte b : piece.getBytes(StandardCharsets.UTF_8)) {
      parts.add(byteLetters[b & 0xFF]);
    }
    int last = parts.size() - 1;
    parts.set(last, parts.get(last) + WORD_END);
    for (int rank = lowestRank(parts); rank < ranks.size(); rank = lowestRank(parts)) {
      merge(parts, rank);
    }
    return parts.stream().mapToInt(this::id).toArray();
  }

  /** The earliest merge that some neighbours have, or the number of merges where none have one. */
  private int lowestRank(List<String> parts) {
    int lowest = ranks.size();
    for (int i = 0; i + 1 < parts.size(); i++) {
      lowest = Math.min(lowest, rank(parts, i));
    }
    return lowest;
  }

  /** Joins every pair of that rank, from the left. */
  private void merge(List<String> parts, int rank) {
    for (int i = 0; i + 1 < parts.size(); i++) {
      if (rank(parts, i) == rank) {
        parts.set(i, parts.get(i) + parts.remove(i + 1));
      }
    }
  }

  private int rank(List<String> parts, int left) {
    return ranks.getOrDefault(parts.get(left) + " " + parts.get(left + 1), ranks.size());
  }

  private int id(String token) {
    Integer id = ids.get(token);
    if (id == null) {
      throw new IllegalStateException("\"%s\" has no id in %s".formatted(token, MERGES));
    }
    return id;
  }

  private static List<String> merges() {
    try (InputStream in = ClipTokenizer.class.getResourceAsStream(MERGES)) {
      if (in == null) {
        throw new IllegalStateException(MERGES + " is missing from the jar");
      }
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
        // The first line is a comment; merges after the vocabulary's are not used.
        return lines.lines().skip(1).limit(MERGE_COUNT).toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + MERGES, e);
    }
  }

  /** Bytes in the order of their ids: those that print first, then the rest. */
  private static byte[] byteOrder() {
    byte[] order = new byte[256];
    int n = 0;
    for (int b = 0; b < 256; b++) {
      if (prints(b)) {
        order[n++] = (byte) b;
      }
    }
    for (int b = 0; b < 256; b++) {
      if (!prints(b)) {
        order[n++] = (byte) b;
      }
    }
    return order;
  }

  /** The letter that stands for each byte in the merges: itself, or from U+0100 on. */
  private static String[] byteLetters() {
    String[] letters = new String[256];
    int other = 256;
    for (int b = 0; b < 256; b++) {
      letters[b] = Character.toString(prints(b) ? b : other++);
    }
    return letters;
  }

  private static boolean prints(int b) {
    return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
  }
}
