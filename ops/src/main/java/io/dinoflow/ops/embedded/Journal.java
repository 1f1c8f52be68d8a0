package io.dinoflow.ops.embedded;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What the supervisor tells: each line goes at once to a file that a waiting command follows, and
 * with its time to the supervisor's own log. Thread-safe.
 */
final class Journal implements AutoCloseable {
  private final PrintWriter file;

  private Journal(PrintWriter file) {
    this.file = file;
  }

  static Journal open(Path file) throws IOException {
    return new Journal(new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8)));
  }

  synchronized void say(String text) {
    file.println("  " + text);
    file.flush();
    System.out.println(Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + text);
  }

  @Override
  public void close() {
    file.close();
  }
}
