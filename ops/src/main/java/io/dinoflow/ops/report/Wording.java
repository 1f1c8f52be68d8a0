package io.dinoflow.ops.report;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.eval.EvaluationReport.Difference;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers as people read them, spelled alike on the terminal, in the report and on the page. */
public final class Wording {
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final Pattern KNN = Pattern.compile("knn(\\d+)\\.(.+)");
  private static final Pattern RECALL = Pattern.compile("(\\w+)_to_(\\w+)\\.recall(\\d+)(.*)");

  /** A difference within so many of its standard errors is none that one could rely on. */
  private static final double ERRORS_APART = 2;

  private Wording() {}

  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@code 1 step}, {@code 2,400 steps}. */
  public static String count(long number, String one) {
    return count(number) + " " + (number == 1 ? one : one + "s");
  }

  /** In binary units. */
  public static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB"};
    double size = bytes / 1024.0;
    int unit = 0;
    while (size >= 1023.95 && unit < units.length - 1) {
      size /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
  }

  /** The two largest units. */
  public static String duration(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 60) {
      return seconds < 10
          ? String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0)
          : seconds + " s";
    }
    if (seconds < 3600) {
      return "%d min %02d s".formatted(seconds / 60, seconds % 60);
    }
    return seconds < 86_400
        ? "%d h %02d min".formatted(seconds / 3600, seconds / 60 % 60)
        : "%d d %02d h".formatted(seconds / 86_400, seconds / 3600 % 24);
  }

  public static String time(Instant instant) {
    return UTC.format(instant);
  }

  /** How long ago. */
  public static String ago(Instant then, Instant now) {
    Duration age = Duration.between(then, now);
    return age.toSeconds() < 1 ? "just now" : duration(age) + " ago";
  }

  /** How soon; what is past is due now. */
  public static String ahead(Instant then, Instant now) {
    Duration left = Duration.between(now, then);
    return left.toSeconds() < 1 ? "now" : "in " + duration(left);
  }

  /** A share as percent with its standard error: {@code 62.3 ± 0.8}. */
  public static String percent(Metric share) {
    return number(share.value() * 100, "%.1f") + error(share);
  }

  /** A difference of shares in points, with its sign: {@code +10.2 ± 1.1}. */
  public static String points(Metric difference) {
    return number(difference.value() * 100, "%+.1f") + error(difference);
  }

  /** A cosine. */
  static String similarity(double cosine) {
    return number(cosine, "%.2f");
  }

  private static String error(Metric metric) {
    return metric.standardError().map(e -> " ± " + number(e * 100, "%.1f")).orElse("");
  }

  private static String number(double value, String format) {
    // no minus before a zero
    return String.format(Locale.ROOT, format, value).replaceFirst("^-(0\\.0+)$", "$1");
  }

  /** A number of any size. */
  public static String figure(double value) {
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-3 || size >= 1e6)) {
      return String.format(Locale.ROOT, "%.3e", value);
    }
    return value == Math.rint(value)
        ? count((long) value)
        : String.format(Locale.ROOT, "%.4f", value);
  }

  /** {@code knn10.top1} as {@code kNN (k = 10) top-1}; what is not known stays as it is. */
  public static String metric(String name) {
    Matcher knn = KNN.matcher(name);
    if (knn.matches()) {
      return "kNN (k = %s) %s".formatted(knn.group(1), kind(knn.group(2)));
    }
    Matcher recall = RECALL.matcher(name);
    if (recall.matches()) {
      return "%s to %s, recall at %s%s"
          .formatted(
              recall.group(1),
              recall.group(2),
              recall.group(3),
              recall.group(4).replace('.', ' ').replace('_', ' '));
    }
    return name.startsWith("linear.") ? "linear " + kind(name.substring(7)) : name;
  }

  private static String kind(String score) {
    return score.equals("top1") ? "top-1" : score.replace('_', ' ');
  }

  /** Who is better and by how much, or that the numbers do not say. */
  public static String verdict(Difference difference) {
    Metric metric = difference.metric();
    double value = metric.value() * 100;
    double error = metric.standardError().orElse(0.0) * 100;
    String what = metric(metric.name());
    if (Math.abs(value) <= ERRORS_APART * error || value == 0) {
      return "%s cannot be told apart from %s: %s points in %s"
          .formatted(difference.subject(), difference.baseline(), points(metric), what);
    }
    String by = number(Math.abs(value), "%.1f") + error(metric);
    return value > 0
        ? "%s beats %s by %s points in %s"
            .formatted(difference.subject(), difference.baseline(), by, what)
        : "%s stays below %s by %s points in %s"
            .formatted(difference.subject(), difference.baseline(), by, what);
  }
}
