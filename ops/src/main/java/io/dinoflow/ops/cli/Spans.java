package io.dinoflow.ops.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as people type them: {@code 30s}, {@code 15m}, {@code 1h30m}, {@code 2d}. */
final class Spans {
  private static final Pattern PART = Pattern.compile("(\\d{1,6})([smhdw])");
  private static final Pattern WHOLE = Pattern.compile("(\\d{1,6}[smhdw])+");

  private Spans() {}

  /** Empty where the text is no span longer than nothing. */
  static Optional<Duration> parse(String text) {
    if (!WHOLE.matcher(text).matches()) {
      return Optional.empty();
    }
    Duration sum = Duration.ZERO;
    Matcher parts = PART.matcher(text);
    while (parts.find()) {
      long number = Long.parseLong(parts.group(1));
      sum =
          sum.plus(
              switch (parts.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                case "d" -> Duration.ofDays(number);
                default -> Duration.ofDays(7 * number);
              });
    }
    return Optional.of(sum).filter(span -> !span.isZero());
  }
}
