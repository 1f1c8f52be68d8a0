package io.dinoflow.ops.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * Ends a child when its parent is gone, however the parent died: the parent holds the other end of
 * a pipe, and the system closes it even after a kill -9.
 */
public final class Lifeline {
  /** Set to {@code stdin} for a worker whose parent holds the other end of its standard input. */
  static final String VARIABLE = "DINOFLOW_LIFELINE";

  private Lifeline() {}

  /** Watches standard input where the environment says that a parent holds its other end. */
  public static void watchIfTethered(Map<String, String> environment) {
    if (environment.getOrDefault(VARIABLE, "").equals("stdin")) {
      haltWhenStandardInputEnds();
    }
  }

  /**
   * Halts this process when standard input ends. Halting, not exiting: the servers this process
   * would say goodbye to are gone too, and every effect is safe against a halt.
   */
  public static void haltWhenStandardInputEnds() {
    Thread watcher = new Thread(() -> haltAtEnd(System.in), "lifeline");
    watcher.setDaemon(true);
    watcher.start();
  }

  private static void haltAtEnd(InputStream input) {
    try {
      while (input.read() >= 0) {
        // the parent writes nothing; only the end of the stream means something
        continue;
      }
    } catch (IOException broken) {
      System.err.println("lifeline broken: " + broken);
    }
    Runtime.getRuntime().halt(143);
  }

  /**
   * Guards a process that cannot watch a pipe itself: signals it when our end of the guard's pipe
   * closes. Destroy the returned guard when the process ended in another way.
   */
  static Process guard(long pid, String signal) throws IOException {
    return new ProcessBuilder(
            "/bin/sh", "-c", "read _; kill -" + signal + " " + pid + " 2>/dev/null")
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
