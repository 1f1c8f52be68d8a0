package io.dinoflow.model.data;

import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.recipe.CropRecipe;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** The batches of the training fixtures, in place of assembled pictures. */
public final class GoldenBatches {
  private GoldenBatches() {}

  /**
   * @param images prefix of the crops' tensors
   * @param masks prefix of the masks' tensors
   * @param pictures B
   */
  public static Batch batch(
      Golden golden, long step, CropRecipe.Size size, String images, String masks, int pictures) {
    byte[] rows = golden.bytes(masks + "collated_masks");
    long[] indices = golden.longs(masks + "mask_indices_list");
    int[] narrow = new int[indices.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = Math.toIntExact(indices[i]);
    }
    String gram = images + "collated_gram_teacher_crops";
    return new Batch(
        step,
        size,
        direct(golden.floats(images + "collated_global_crops")),
        direct(golden.floats(images + "collated_local_crops")),
        direct(golden.has(gram) ? golden.floats(gram) : new float[0]),
        ByteBuffer.allocateDirect(rows.length).put(rows).flip(),
        narrow,
        golden.floats(masks + "masks_weight"),
        TestPictures.samples(pictures));
  }

  private static FloatBuffer direct(float[] values) {
    return ByteBuffer.allocateDirect(values.length * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer()
        .put(values)
        .flip();
  }
}
