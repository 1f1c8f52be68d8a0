package io.dinoflow.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.tensor.TensorScope;

/** Exact nearest neighbours by inner product, and what they say of a query's class. */
public final class Neighbours {
  private Neighbours() {}

  /**
   * The most similar rows of the bank, best first.
   *
   * @param similarity_QK inner products; on unit vectors cosines
   * @param index_QK rows of the bank, int64
   */
  public record Found(NDArray similarity_QK, NDArray index_QK) {}

  /** Looks all queries up at once: memory for a similarity of each query with each row. */
  public static Found nearest(TensorScope scope, NDArray queries_QD, NDArray bank_MD, int k) {
    NDList found = TorchKernels.run(scope.manager(), "nearest", queries_QD, bank_MD, (long) k);
    return new Found(found.get(0), found.get(1));
  }

  /** Labels (M) at indexes (Q, K). */
  public static NDArray labels(TensorScope scope, NDArray labels_M, NDArray index_QK) {
    return TorchKernels.call(scope.manager(), "labels_of", labels_M, index_QK);
  }

  /**
   * Votes of the first {@code k} neighbours, (Q, C): all K similarities are softmaxed together, so
   * the votes of fewer do not sum to 1.
   */
  public static NDArray votes(
      TensorScope scope,
      NDArray similarity_QK,
      NDArray labels_QK,
      int k,
      double temperature,
      int classes) {
    return TorchKernels.call(
        scope.manager(),
        "neighbour_votes",
        similarity_QK,
        labels_QK,
        (long) k,
        temperature,
        (long) classes);
  }

  /** The class with the most votes, along the last axis. */
  public static long[] mostVoted(TensorScope scope, NDArray votes) {
    return HostMemory.longs(TorchKernels.call(scope.manager(), "most_voted", votes));
  }
}
