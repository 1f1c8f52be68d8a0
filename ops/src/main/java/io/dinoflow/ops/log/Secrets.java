package io.dinoflow.ops.log;

import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;

/**
 * What no log line may hold: the secrets that this process was given, wherever they turn up, and
 * what looks like one. Process-wide, as the log is; thread-safe.
 */
public final class Secrets {
  private static final String HIDDEN = "[hidden]";

  /** Shorter ones are words: hiding them would show where they stand. */
  private static final int LENGTH_MIN = 6;

  /** Longest first, so that no rest of one is left where a shorter is part of it. */
  private static final Set<String> KNOWN =
      new ConcurrentSkipListSet<>(
          Comparator.comparingInt(String::length).reversed().thenComparing(s -> s));

  private static final Pattern ASSIGNED =
      Pattern.compile(
          "(?i)((?:password|passwd|secret[_-]?key|dinoflow_token)[\"']?\\s*[=:]\\s*[\"']?)[^\\s\"'&,;}]+");
  private static final Pattern BEARER = Pattern.compile("(?i)(bearer\\s+)[A-Za-z0-9._~+/=-]+");
  private static final Pattern USER_INFO = Pattern.compile("(://[^/\\s:@]+:)[^/\\s@]+(@)");

  private Secrets() {}

  /** From now on, no line of this process shows it. */
  public static void hide(String secret) {
    if (secret.length() >= LENGTH_MIN) {
      KNOWN.add(secret);
    }
  }

  /** The text without any secret. */
  public static String without(String text) {
    String clean = text;
    for (String secret : KNOWN) {
      clean = clean.replace(secret, HIDDEN);
    }
    clean = ASSIGNED.matcher(clean).replaceAll("$1" + HIDDEN);
    clean = BEARER.matcher(clean).replaceAll("$1" + HIDDEN);
    return USER_INFO.matcher(clean).replaceAll("$1" + HIDDEN + "$2");
  }
}
