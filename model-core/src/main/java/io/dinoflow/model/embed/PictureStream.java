package io.dinoflow.model.embed;

import java.io.IOException;

/** Pictures in a fixed order, read as a stream. One thread uses it, once. */
public interface PictureStream {

  /** Takes the next picture. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param name where in the source it lies
     * @param bytes of its file
     */
    void visit(String name, byte[] bytes) throws IOException;
  }

  /**
   * @throws IOException the disk failed
   */
  void read(Visitor visitor) throws IOException;
}
