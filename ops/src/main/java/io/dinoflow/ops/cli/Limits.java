package io.dinoflow.ops.cli;

/** Numbers that options take. */
final class Limits {
  private Limits() {}

  static int positive(String option, int value) {
    if (value < 1) {
      throw CliFailure.usage(
          "%s %d cannot be used".formatted(option, value),
          "it must be 1 or more",
          "give another number");
    }
    return value;
  }
}
