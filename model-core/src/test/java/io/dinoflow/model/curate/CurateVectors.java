package io.dinoflow.model.curate;

import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;

/** Seeded point clouds. */
final class CurateVectors {
  private CurateVectors() {}

  /** {@code sizes[b]} points around a corner b of their own, blob by blob. */
  static Vectors blobs(int dim, int... sizes) {
    SeededRandom random = SeededRandom.of(1, Purpose.SAMPLE);
    int count = java.util.Arrays.stream(sizes).sum();
    float[] values = new float[count * dim];
    int at = 0;
    for (int blob = 0; blob < sizes.length; blob++) {
      for (int i = 0; i < sizes[blob]; i++) {
        for (int d = 0; d < dim; d++) {
          values[at++] = (float) (0.05 * random.nextGaussian() + (d == blob ? 1 : 0));
        }
      }
    }
    return unit(new Vectors(count, dim, values));
  }

  static Vectors unit(Vectors vectors) {
    float[] unit = vectors.values().clone();
    for (int i = 0; i < vectors.count(); i++) {
      double length = Math.sqrt(vectors.dot(i, vectors, i));
      for (int d = 0; d < vectors.dim(); d++) {
        unit[i * vectors.dim() + d] /= (float) length;
      }
    }
    return new Vectors(vectors.count(), vectors.dim(), unit);
  }
}
