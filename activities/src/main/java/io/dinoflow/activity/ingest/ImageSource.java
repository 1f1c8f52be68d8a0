package io.dinoflow.activity.ingest;

import java.io.IOException;
import java.util.OptionalLong;

/**
 * Pictures in an order that is the same every time. Reads as a stream: memory holds one sample at a
 * time. One thread uses it.
 */
interface ImageSource {

  /** Takes the next picture. */
  @FunctionalInterface
  interface Visitor {
    Verdict visit(RawImage image) throws IOException;
  }

  /** Whether more pictures are wanted. */
  enum Verdict {
    GO_ON,
    ENOUGH
  }

  /** Name of the dataset that it becomes. */
  String name();

  /** What was taken, in half a sentence. */
  String account();

  /** Pictures in it, where that is known beforehand. */
  OptionalLong size();

  /**
   * @throws UnsafeArchiveException an archive breaks the limits; trying again is no use
   * @throws BadSourceException the content is not what its name says; trying again is no use
   * @throws IOException the disk or the network failed
   */
  void read(Visitor visitor) throws IOException;
}
