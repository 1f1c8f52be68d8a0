package io.dinoflow.model.artifact;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** A SHA-256 digest as 64 lower-case hex digits. */
public record Sha256(@JsonValue String hex) implements Comparable<Sha256> {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

  @JsonCreator
  public Sha256 {
    if (!FORM.matcher(hex).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not a SHA-256 digest: 64 lower-case hex digits expected".formatted(hex));
    }
  }

  public static Sha256 of(byte[] bytes) {
    return ofDigest(newDigest().digest(bytes));
  }

  /** Digest of the text's UTF-8 bytes. */
  public static Sha256 ofText(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return ofDigest(newDigest().digest(utf8));
  }

  /** Wraps the 32 bytes of a finished digest. */
  public static Sha256 ofDigest(byte[] digest) {
    return new Sha256(HexFormat.of().formatHex(digest));
  }

  /** A fresh SHA-256 engine for streaming. */
  public static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The first eight digits, as people see it. */
  public String shortForm() {
    return hex.substring(0, 8);
  }

  @Override
  public int compareTo(Sha256 other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
