package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.Optional;

/**
 * How a forward runs: evaluation or training, on which list of crops, with which masks.
 *
 * <p>In training it says which random draws apply: RoPE's coordinate augmentation anew for each
 * block, kept samples anew for each residual branch; both are functions of (seed, step, crop list).
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
  private final Optional<NDArray> masks_BN;

  private Pass(Crops crops, boolean training, long seed, long step, Optional<NDArray> masks_BN) {
    this.crops = crops;
    this.training = training;
    this.seed = seed;
    this.step = step;
    this.masks_BN = masks_BN;
  }

  /** No randomness, no augmentation. */
  public static Pass eval() {
    return new Pass(Crops.GLOBAL, false, 0, 0, Optional.empty());
  }

  public static Pass globalCrops(long seed, long step) {
    return new Pass(Crops.GLOBAL, true, seed, step, Optional.empty());
  }

  public static Pass localCrops(long seed, long step) {
    return new Pass(Crops.LOCAL, true, seed, step, Optional.empty());
  }

  /** The same with patch embeddings replaced where the mask is true. */
  public Pass masked(NDArray masks) {
    return new Pass(crops, training, seed, step, Optional.of(masks));
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

  /** Draws for the coordinates of one block. */
  SeededRandom ropeDraws(int block) {
    return SeededRandom.of(seed, Purpose.ROPE, step, crops.ordinal(), block);
  }

  /** Draws for the samples kept by one branch of one block: 0 attention, 1 feed-forward. */
  SeededRandom dropPathDraws(int block, int branch) {
    return SeededRandom.of(seed, Purpose.DROP_PATH, step, crops.ordinal(), block, branch);
  }
}
