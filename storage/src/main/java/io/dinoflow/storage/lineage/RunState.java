package io.dinoflow.storage.lineage;

import java.util.Locale;

/** Where a run or a stage stands. */
public enum RunState {
  WAITING,
  RUNNING,
  PAUSED,
  DONE,
  FAILED,
  CANCELLED;

  /** As the tables and people spell it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static RunState ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** Whether nothing more happens unless somebody starts it again. */
  public boolean isClosed() {
    return this == DONE || this == FAILED || this == CANCELLED;
  }
}
