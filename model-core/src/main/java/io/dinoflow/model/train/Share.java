package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/**
 * The pictures of one micro-batch: {@code from} up to, and without, {@code to} of a batch whose
 * tensors are crop-major.
 */
record Share(int batch, int from, int to) {

  /** Part {@code index} of {@code parts} equal ones. */
  static Share of(int batch, int parts, int index) {
    int size = batch / parts;
    return new Share(batch, index * size, (index + 1) * size);
  }

  int pictures() {
    return to - from;
  }

  /** The rows of these pictures out of (C * B, ...), crop-major as before. */
  NDArray rows(TensorScope scope, NDArray x) {
    int crops = (int) (x.getShape().get(0) / batch);
    long[] index = new long[crops * pictures()];
    for (int i = 0; i < index.length; i++) {
      index[i] = (long) (i / pictures()) * batch + from + i % pictures();
    }
    return Tensors.rowsAt(scope, x, scope.create(index));
  }

  /**
   * Which of the masked patches are of these pictures.
   *
   * @param masked flat positions over (2B * N)
   * @param patches N
   * @return places in {@code masked}, ascending
   */
  long[] places(long[] masked, int patches) {
    List<Long> places = new ArrayList<>();
    for (int i = 0; i < masked.length; i++) {
      long picture = masked[i] / patches % batch;
      if (picture >= from && picture < to) {
        places.add((long) i);
      }
    }
    return places.stream().mapToLong(Long::longValue).toArray();
  }

  /** Where a flat position over (2B * N) lies among these pictures' own rows. */
  long moved(long position, int patches) {
    long row = position / patches;
    return (row / batch * pictures() + row % batch - from) * patches + position % patches;
  }
}
