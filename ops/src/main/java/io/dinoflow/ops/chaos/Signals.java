package io.dinoflow.ops.chaos;

import java.io.IOException;

/** Signals that Java has no call for. */
final class Signals {
  private Signals() {}

  /** Sends a signal by its short name, such as STOP; a process that is gone already is fine. */
  static void send(String signal, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
