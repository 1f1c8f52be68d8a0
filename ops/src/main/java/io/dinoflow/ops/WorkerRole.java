package io.dinoflow.ops;

import java.util.Locale;

/** The worker processes of an installation: one for order and book-keeping, two for heavy work. */
public enum WorkerRole {
  /** Workflows and the short activities; no native code. */
  CONTROL("384m"),
  /** Training segments, one at a time. */
  TRAIN("2g"),
  /** Ingest, curation and evaluation, one at a time. */
  COMPUTE("2g");

  private final String heapMax;

  WorkerRole(String heapMax) {
    this.heapMax = heapMax;
  }

  /** As the command line spells it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The Java heap of the process; tensors live outside of it. */
  public String heapMax() {
    return heapMax;
  }
}
