package io.dinoflow.ops.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Values to positions along one axis, with ticks at round numbers.
 *
 * @param low,high the ends, in values
 * @param from,to the ends, in pixels
 */
record Scale(Form form, double low, double high, double from, double to) {
  /** Two decades and more are read on a logarithmic axis. */
  private static final double LOG_FROM_RATIO = 100;

  /** How values spread over the axis. */
  enum Form {
    LINEAR,
    LOG
  }

  /** The whole numbers from {@code low} to {@code high}, as steps are. */
  static Scale ofSteps(double low, double high, double from, double to) {
    return new Scale(Form.LINEAR, low, high > low ? high : low + 1, from, to);
  }

  /** Logarithmic where the values are positive and span decades; with a little air at both ends. */
  static Scale ofValues(double low, double high, double from, double to) {
    if (low > 0 && high / low >= LOG_FROM_RATIO) {
      return new Scale(Form.LOG, low / 1.15, high * 1.15, from, to);
    }
    double span = high > low ? high - low : Math.max(Math.abs(high), 1) * 0.1;
    double air = span * 0.06;
    double floor = low >= 0 && low < span * 0.25 ? 0 : low - air;
    return new Scale(Form.LINEAR, floor, high + air, from, to);
  }

  double at(double value) {
    double part =
        form == Form.LOG
            ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))
            : (value - low) / (high - low);
    return from + part * (to - from);
  }

  /** Round values within the ends, about {@code wanted} of them. */
  List<Double> ticks(int wanted) {
    return form == Form.LOG ? decades(wanted) : round(wanted);
  }

  private List<Double> decades(int wanted) {
    List<Double> ticks = new ArrayList<>();
    int first = (int) Math.floor(Math.log10(low));
    int last = (int) Math.ceil(Math.log10(high));
    int stride = Math.max(1, (last - first) / Math.max(1, wanted));
    for (int decade = first; decade <= last; decade += stride) {
      double tick = Math.pow(10, decade);
      if (tick >= low && tick <= high) {
        ticks.add(tick);
      }
    }
    return ticks;
  }

  private List<Double> round(int wanted) {
    double rough = (high - low) / wanted;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double part = rough / power;
    double step = power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
    List<Double> ticks = new ArrayList<>();
    long first = (long) Math.ceil(low / step - 1e-9);
    for (long i = first; i * step <= high + step * 1e-9; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** A value in four significant digits at most. */
  static String number(double value) {
    double size = Math.abs(value);
    if (size == 0 || size < 1e-300) {
      return "0";
    }
    if (size >= 1e6) {
      return trimmed(value / 1e6, 4) + "M";
    }
    if (size >= 1e4) {
      return trimmed(value / 1e3, 4) + "k";
    }
    if (size < 1e-3) {
      String text = String.format(Locale.ROOT, "%.2e", value);
      return text.replaceFirst("\\.?0+e", "e").replaceFirst("e([-+])0", "e$1").replace("e+", "e");
    }
    return trimmed(value, 4);
  }

  private static String trimmed(double value, int digits) {
    double size = Math.abs(value);
    int before = (int) Math.floor(Math.log10(size)) + 1;
    String text = String.format(Locale.ROOT, "%." + Math.max(0, digits - before) + "f", value);
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }
}
