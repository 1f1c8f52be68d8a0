package io.dinoflow.model.recipe;

/**
 * What a training step trades for memory.
 *
 * @param activationCheckpointing whether the inside of a student's blocks is computed again on the
 *     way back instead of kept; gradients are the same, bit for bit
 * @param microBatchSize pictures that the student sees at a time, whose gradients are summed before
 *     the update; 0 for the whole batch. The teacher and Sinkhorn see the whole batch; KoLeo
 *     searches neighbours among these
 */
public record MemoryRecipe(boolean activationCheckpointing, int microBatchSize) {
  public MemoryRecipe {
    Check.atLeast("memory.micro_batch_size", microBatchSize, 0);
  }

  /** Pictures that a student sees at a time. */
  public int microBatch(int batchSize) {
    return microBatchSize == 0 ? batchSize : microBatchSize;
  }

  /** Equal parts of at least two pictures each, since a neighbour is another one. */
  void checkBatch(int batchSize, LossRecipe losses) {
    if (microBatchSize == 0) {
      return;
    }
    if (microBatchSize < 2 || batchSize % microBatchSize != 0) {
      throw new IllegalArgumentException(
          "memory.micro_batch_size is %d, must be at least 2 and divide the batch_size of %d"
              .formatted(microBatchSize, batchSize));
    }
    losses.checkBatch("memory.micro_batch_size", microBatchSize);
  }
}
