package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.data.Batch;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.TensorScope;
import java.util.Optional;

/**
 * A multi-crop batch as tensors of one step's scope; they read the batch's buffers, which stay as
 * they are until the step ends. B pictures, L local crops, N patches of a global crop, M masked
 * patches.
 *
 * @param masks_2BN true where a patch embedding is replaced
 * @param maskIndices_M flat indexes of masked patches over 2B x N
 * @param masksWeight_M one over the masked patches of the row
 * @param grid patches along a global crop's side
 * @param maskPositions the values of {@code maskIndices_M}
 */
record CropTensors(
    NDArray globals_2B3HW,
    Optional<NDArray> locals_LB3hw,
    Optional<NDArray> gram_2B3HW,
    NDArray masks_2BN,
    NDArray maskIndices_M,
    NDArray masksWeight_M,
    int grid,
    long[] maskPositions) {

  static CropTensors of(TensorScope scope, Batch batch, int patchSize, int localCrops) {
    int b = batch.pictures();
    int global = batch.size().global();
    int local = batch.size().local();
    int gram = batch.size().gram();
    int grid = global / patchSize;
    long[] indices = new long[batch.maskIndices().length];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = batch.maskIndices()[i];
    }
    return new CropTensors(
        scope.create(batch.globals(), new Shape(2L * b, 3, global, global)),
        localCrops == 0
            ? Optional.empty()
            : Optional.of(
                scope.create(batch.locals(), new Shape((long) localCrops * b, 3, local, local))),
        batch.grams().hasRemaining()
            ? Optional.of(scope.create(batch.grams(), new Shape(2L * b, 3, gram, gram)))
            : Optional.empty(),
        scope.create(batch.masks(), new Shape(2L * b, (long) grid * grid), DataType.BOOLEAN),
        scope.create(indices),
        scope.create(batch.masksWeight()),
        grid,
        indices);
  }

  /** Those of a micro-batch, as copies that belong to the scope. */
  CropTensors part(TensorScope scope, Share share) {
    int patches = grid * grid;
    long[] places = share.places(maskPositions, patches);
    long[] moved = new long[places.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = share.moved(maskPositions[(int) places[i]], patches);
    }
    return new CropTensors(
        share.rows(scope, globals_2B3HW),
        locals_LB3hw.map(locals -> share.rows(scope, locals)),
        Optional.empty(),
        share.rows(scope, masks_2BN),
        scope.create(moved),
        Tensors.rowsAt(scope, masksWeight_M, scope.create(places)),
        grid,
        moved);
  }
}
