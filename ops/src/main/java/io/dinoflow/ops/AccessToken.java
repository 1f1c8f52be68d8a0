package io.dinoflow.ops;

import io.dinoflow.ops.log.Secrets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The one secret that opens the page, the API and the metrics. It comes from the environment or a
 * file, never from a command line, where others could read it.
 */
public final class AccessToken {
  public static final String VARIABLE = "DINOFLOW_TOKEN";
  public static final String FILE_VARIABLE = "DINOFLOW_TOKEN_FILE";

  private static final int LENGTH_MIN = 16;
  private static final String BEARER = "Bearer ";
  private static final String MAC = "HmacSHA256";

  private final byte[] token;

  private AccessToken(String token) {
    this.token = token.getBytes(StandardCharsets.UTF_8);
    Secrets.hide(token);
  }

  /**
   * What the environment names; empty where it names none.
   *
   * @throws ConfigProblemsException it is too short to be a secret, or its file cannot be read
   */
  public static Optional<AccessToken> of(Map<String, String> environment) {
    String given = environment.getOrDefault(VARIABLE, "");
    String file = environment.getOrDefault(FILE_VARIABLE, "");
    if (given.isBlank() && file.isBlank()) {
      return Optional.empty();
    }
    String source = given.isBlank() ? FILE_VARIABLE : VARIABLE;
    String token = (given.isBlank() ? read(file) : given).strip();
    if (token.length() < LENGTH_MIN) {
      throw new ConfigProblemsException(
          List.of(
              "%s gives a token of %d characters: it must have %d or more; `openssl rand -hex 20` draws one"
                  .formatted(source, token.length(), LENGTH_MIN)));
    }
    return Optional.of(new AccessToken(token));
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new ConfigProblemsException(
          List.of("%s is \"%s\": it cannot be read (%s)".formatted(FILE_VARIABLE, file, e)));
    }
  }

  /** Whether somebody typed the token; takes as long for every wrong one. */
  public boolean matches(String typed) {
    return MessageDigest.isEqual(
        keyed("token", token), keyed("token", typed.strip().getBytes(StandardCharsets.UTF_8)));
  }

  /** Whether an {@code Authorization} header holds the token; its scheme is Bearer (RFC 6750). */
  public boolean opens(String authorization) {
    return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        && matches(authorization.substring(BEARER.length()));
  }

  /** What a browser keeps instead of the token: proves it, and does not give it away. */
  public String session() {
    return HexFormat.of().formatHex(keyed("session", token));
  }

  /** Whether a browser's cookie came from {@link #session}. */
  public boolean isSession(String cookie) {
    return MessageDigest.isEqual(
        session().getBytes(StandardCharsets.US_ASCII), cookie.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] keyed(String purpose, byte[] key) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, MAC));
      return mac.doFinal(purpose.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + MAC, e);
    }
  }

  /** Not the token: this may end in a log. */
  @Override
  public String toString() {
    return "AccessToken[hidden]";
  }
}
