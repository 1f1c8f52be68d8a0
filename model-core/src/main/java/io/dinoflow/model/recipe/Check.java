package io.dinoflow.model.recipe;

/** Range checks with the value and the limit in the message. */
final class Check {
  private Check() {}

  static void atLeast(String field, double value, double min) {
    if (!(value >= min)) {
      throw new IllegalArgumentException(
          "%s is %s, must be at least %s".formatted(field, number(value), number(min)));
    }
  }

  static void above(String field, double value, double limit) {
    if (!(value > limit)) {
      throw new IllegalArgumentException(
          "%s is %s, must be more than %s".formatted(field, number(value), number(limit)));
    }
  }

  static void within(String field, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          "%s is %s, must be from %s to %s"
              .formatted(field, number(value), number(min), number(max)));
    }
  }

  static void multiple(String field, int value, int of) {
    if (value % of != 0) {
      throw new IllegalArgumentException(
          "%s is %d, must be a multiple of %d".formatted(field, value, of));
    }
  }

  static void name(String field, String value) {
    if (!value.matches("[a-z0-9][a-z0-9_-]{0,39}")) {
      throw new IllegalArgumentException(
          "%s is \"%s\", must be 1 to 40 of a-z 0-9 _ -, starting with a letter or digit"
              .formatted(field, value));
    }
  }

  private static String number(double v) {
    return v == Math.rint(v) && Math.abs(v) < 1e15 ? Long.toString((long) v) : Double.toString(v);
  }
}
