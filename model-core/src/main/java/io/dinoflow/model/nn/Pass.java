package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.tensor.TensorScope;
import java.util.Optional;

/**
 * How a forward runs: evaluation or training, on which list of crops, with which masks.
 *
 * <p>In training it says which random draws apply: RoPE's coordinate augmentation anew for each
 * block, kept samples anew for each residual branch; both are functions of (seed, step, crop list),
 * the second of the micro-batch too.
 */
public final class Pass {

  /** Which entry of the official list forward this is. */
  public enum Crops {
    GLOBAL,
    LOCAL
  }

  private final Crops crops;
  private final boolean training;
  private final long seed;
  private final long step;
  private final int part;
  private final Optional<NDArray> masks_BN;
  private final Optional<Recomputation> recomputation;

  private Pass(
      Crops crops,
      boolean training,
      long seed,
      long step,
      int part,
      Optional<NDArray> masks_BN,
      Optional<Recomputation> recomputation) {
    this.recomputation = recomputation;
    this.crops = crops;
    this.training = training;
    this.seed = seed;
    this.step = step;
    this.part = part;
    this.masks_BN = masks_BN;
  }

  /** No randomness, no augmentation. */
  public static Pass eval() {
    return new Pass(Crops.GLOBAL, false, 0, 0, 0, Optional.empty(), Optional.empty());
  }

  public static Pass globalCrops(long seed, long step) {
    return new Pass(Crops.GLOBAL, true, seed, step, 0, Optional.empty(), Optional.empty());
  }

  public static Pass localCrops(long seed, long step) {
    return new Pass(Crops.LOCAL, true, seed, step, 0, Optional.empty(), Optional.empty());
  }

  /** The same with patch embeddings replaced where the mask is true. */
  public Pass masked(NDArray masks) {
    return new Pass(crops, training, seed, step, part, Optional.of(masks), recomputation);
  }

  /** The same for one micro-batch of the step, which keeps samples of its own. */
  public Pass part(int microBatch) {
    return new Pass(crops, training, seed, step, microBatch, masks_BN, recomputation);
  }

  /** The same with the inside of blocks computed again on the way back, where there is a keeper. */
  public Pass recomputed(Optional<Recomputation> keeper) {
    return new Pass(crops, training, seed, step, part, masks_BN, keeper);
  }

  public boolean training() {
    return training;
  }

  /** Whether the untied norm of local crops applies. */
  public boolean usesLocalNorm() {
    return training && crops == Crops.LOCAL;
  }

  public Optional<NDArray> masks() {
    return masks_BN;
  }

  /** Runs a block of a training forward, keeping its inside or not. */
  NDArray block(TensorScope scope, NDArray x, NDList parameters, Recomputation.Piece block) {
    return recomputation
        .map(keeper -> keeper.run(scope, x, parameters, block))
        .orElseGet(() -> block.run(scope, x));
  }

  /** Draws for the coordinates of one block. */
  SeededRandom ropeDraws(int block) {
    return SeededRandom.of(seed, Purpose.ROPE, step, crops.ordinal(), block);
  }

  /** Draws for the samples kept by one branch of one block: 0 attention, 1 feed-forward. */
  SeededRandom dropPathDraws(int block, int branch) {
    return part == 0
        ? SeededRandom.of(seed, Purpose.DROP_PATH, step, crops.ordinal(), block, branch)
        : SeededRandom.of(seed, Purpose.DROP_PATH, step, crops.ordinal(), block, branch, part);
  }
}
