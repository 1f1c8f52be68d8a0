package io.dinoflow.ops.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Sizes and times as people read them: binary units, relative times. */
final class Quantities {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private Quantities() {}

  /** {@code 812 B}, {@code 1.5 MiB}, {@code 310 MiB}. */
  static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 || value >= 100
        ? String.format(Locale.ROOT, "%.0f %s", value, UNITS[unit])
        : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  /** Digits in groups of three. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A metric's four significant digits; counts have no fraction. */
  static String value(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return count((long) value);
    }
    return String.format(Locale.ROOT, "%.4g", value);
  }

  /** {@code 0:14}, {@code 12:03}, {@code 1:02:03}. */
  static String took(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    return seconds < 3600
        ? "%d:%02d".formatted(seconds / 60, seconds % 60)
        : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  /** {@code 5 min ago}. */
  static String ago(Instant then, Instant now) {
    Duration age = Duration.between(then, now);
    return age.toSeconds() < 1 ? "now" : span(age) + " ago";
  }

  /** {@code in 5 min}. */
  static String ahead(Instant then, Instant now) {
    Duration left = Duration.between(now, then);
    return left.toSeconds() < 1 ? "now" : "in " + span(left);
  }

  /**
   * The two largest units at most: {@code 40 s}, {@code 5 min}, {@code 3 h 20 min}, {@code 9 d}.
   */
  static String span(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return seconds / 60 + " min";
    }
    if (seconds < 86_400) {
      long minutes = seconds / 60 % 60;
      return seconds / 3600 + " h" + (minutes == 0 ? "" : " " + minutes + " min");
    }
    return seconds / 86_400 + " d";
  }
}
