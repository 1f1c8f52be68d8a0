package io.dinoflow.model.eval;

import java.nio.FloatBuffer;
import java.util.List;

/** Pictures and texts in one space: what retrieval needs of aligned towers. Used by one thread. */
interface JointSpace extends AutoCloseable {
  /** Side of the square pictures it takes. */
  int side();

  /** Embeddings of L2 norm 1, one a picture. */
  float[][] images(FloatBuffer images_N3SS, int count);

  /** Embeddings of L2 norm 1, one a caption, in order. */
  float[][] texts(List<String> captions);

  @Override
  void close();
}
