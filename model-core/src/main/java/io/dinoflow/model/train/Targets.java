package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.TensorScope;
import java.util.Optional;

/**
 * What the frozen networks say about a multi-crop batch. K prototypes, M masked patches, N patches.
 *
 * @param cls_2BK Sinkhorn assignments of the teacher's class tokens
 * @param patches_MK Sinkhorn assignments of the teacher's patch tokens at the masked positions
 * @param gram_2BND patch features of the Gram teacher on the student's grid
 */
record Targets(NDArray cls_2BK, NDArray patches_MK, Optional<NDArray> gram_2BND) {

  /** Those of a micro-batch of the crops. */
  Targets part(TensorScope scope, Share share, CropTensors crops) {
    long[] places = share.places(crops.maskPositions(), crops.grid() * crops.grid());
    return new Targets(
        share.rows(scope, cls_2BK),
        Tensors.rowsAt(scope, patches_MK, scope.create(places)),
        gram_2BND.map(gram -> share.rows(scope, gram)));
  }
}
