package io.dinoflow.model.curate;

/**
 * Vectors of one length, packed by rows. Whoever made them hands them over; they are not written
 * after construction.
 *
 * @param values count x dim floats
 */
public record Vectors(int count, int dim, float[] values) {

  /** Independent sums, so that a dot product does not wait for one adder. */
  private static final int LANES = 4;

  public Vectors {
    if (dim < 1 || values.length != (long) count * dim) {
      throw new IllegalArgumentException(
          "%d vectors of %d need %d floats, got %d"
              .formatted(count, dim, (long) count * dim, values.length));
    }
  }

  /** The named rows, in that order. */
  public Vectors rows(int[] indexes) {
    float[] picked = new float[indexes.length * dim];
    for (int i = 0; i < indexes.length; i++) {
      System.arraycopy(values, indexes[i] * dim, picked, i * dim, dim);
    }
    return new Vectors(indexes.length, dim, picked);
  }

  /** Inner product of row i with row j of {@code other}; on unit vectors their cosine. */
  public float dot(int i, Vectors other, int j) {
    return dot(values, i * dim, other.values, j * dim, dim);
  }

  static float dot(float[] a, int ai, float[] b, int bi, int dim) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int end = dim - dim % LANES;
    for (int k = 0; k < end; k += LANES) {
      s0 += a[ai + k] * b[bi + k];
      s1 += a[ai + k + 1] * b[bi + k + 1];
      s2 += a[ai + k + 2] * b[bi + k + 2];
      s3 += a[ai + k + 3] * b[bi + k + 3];
    }
    for (int k = end; k < dim; k++) {
      s0 += a[ai + k] * b[bi + k];
    }
    return s0 + s1 + (s2 + s3);
  }
}
