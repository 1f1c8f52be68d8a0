package io.dinoflow.ops.cli;

import java.util.Map;

/** One answer, for people or for programs. */
final class Answers {
  private Answers() {}

  static void print(Printer printer, boolean json, Map<String, String> facts, String words) {
    if (json) {
      printer.json(facts);
    } else {
      printer.line(words);
    }
  }
}
