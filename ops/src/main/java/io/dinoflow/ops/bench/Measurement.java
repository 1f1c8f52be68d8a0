package io.dinoflow.ops.bench;

import java.util.Locale;

/**
 * One measured number.
 *
 * @param bench what was run, such as {@code lineage}
 * @param subject on what, such as {@code 1,000,000 artifacts}
 * @param metric name with its unit last
 * @param spread how far the number varies between equal parts of the measurement, in its unit: half
 *     of the largest less the smallest
 * @param ratio the value in parts of what it is held against; below 1 is better for times
 * @param against what it is held against, in words
 */
public record Measurement(
    String bench,
    String subject,
    String metric,
    String unit,
    double value,
    double spread,
    double ratio,
    String against) {

  /** The value with as many digits as mean something. */
  static String figure(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 1 ? "%.2f" : "%.3f", value);
  }

  /** The row of a table, in the order of the fields. */
  public String[] cells() {
    return new String[] {
      bench, subject, metric, unit, figure(value), figure(spread), figure(ratio), against
    };
  }
}
