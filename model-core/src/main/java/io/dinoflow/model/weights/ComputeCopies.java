package io.dinoflow.model.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a forward reads of the fp32 masters: themselves, or bf16 copies of the linear layers'
 * tensors made once a step. Gradients flow through the copies to the masters.
 */
public final class ComputeCopies {
  private ComputeCopies() {}

  public static StateDict of(TensorScope scope, Precision precision, StateDict masters) {
    if (precision == Precision.FP32) {
      return masters;
    }
    List<String> linear = masters.names().stream().filter(ComputeCopies::isLinear).toList();
    NDList copies = TorchKernels.run(scope.manager(), "to_bf16", masters.list(linear));
    Map<String, NDArray> all = new LinkedHashMap<>();
    masters.forEach(all::put);
    for (int i = 0; i < linear.size(); i++) {
      all.put(linear.get(i), copies.get(i));
    }
    return new StateDict(all);
  }

  /** Layers whose product is worth bf16: attention, feed-forward, heads. */
  private static boolean isLinear(String name) {
    return name.contains("attn.")
        || name.contains("mlp.")
        || name.startsWith("last_layer")
        || name.contains("pwconv");
  }
}
