package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.recipe.CropRecipe;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * One step's input, normalised and ready to become tensors.
 *
 * <p>Rows are crop-major: rows 0..B-1 are crop 1 of every sample, the next B crop 2; likewise local
 * and Gram crops. Buffers are direct, of native order, positioned at 0 and limited to the step's
 * content. Masks have the rows of {@code globals}, shuffled over all 2B.
 *
 * @param step the step this is the input of: 0 makes the first update
 * @param size crop sides of this step
 * @param globals (2B, 3, H, W)
 * @param locals (L*B, 3, h, w)
 * @param grams (2B, 3, Hg, Wg), or nothing where no Gram teacher is
 * @param masks (2B, N): 1 where the student sees the mask token
 * @param maskIndices positions of the masked patches in the flattened (2B*N), ascending
 * @param masksWeight for each of them 1 / (masked patches of its row)
 * @param samples the B samples, in row order
 */
public record Batch(
    long step,
    CropRecipe.Size size,
    FloatBuffer globals,
    FloatBuffer locals,
    FloatBuffer grams,
    ByteBuffer masks,
    int[] maskIndices,
    float[] masksWeight,
    List<Sample> samples) {
  public Batch {
    samples = List.copyOf(samples);
  }

  /** B: pictures, not rows. */
  public int pictures() {
    return samples.size();
  }
}
