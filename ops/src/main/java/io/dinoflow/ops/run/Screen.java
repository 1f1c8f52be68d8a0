package io.dinoflow.ops.run;

import java.util.Optional;

/** A terminal that lines can be drawn on again and again; used by one thread at a time. */
public interface Screen extends AutoCloseable {
  /** Characters a line. */
  int columns();

  /** Lines that can be seen. */
  int rows();

  /** Writes text with its control sequences at once. */
  void write(String text);

  /** Whether keys can be read without Enter. */
  boolean takesKeys();

  /** A key pressed since the last call, if any; never waits. */
  Optional<Character> key();

  /** Whether colours may be used. */
  boolean isColourful();

  /** Leaves the terminal as it was found. */
  @Override
  void close();
}
