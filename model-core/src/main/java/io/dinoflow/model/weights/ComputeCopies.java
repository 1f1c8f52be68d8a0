package io.dinoflow.model.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a forward reads of the fp32 masters, made once a step. Gradients flow through it to the
 * masters.
 *
 * <p>A transformer block's layer scales are multiplied into the linear layers before them: then no
 * pass over the tokens is spent on them, and a layer adds its result to its input at once. For bf16
 * the linear layers' tensors are copies in that format.
 */
public final class ComputeCopies {
  private static final String FIRST_SCALE = "ls1.gamma";
  private static final String SECOND_SCALE = "ls2.gamma";

  private ComputeCopies() {}

  public static StateDict of(TensorScope scope, Precision precision, StateDict masters) {
    return of(scope.manager(), precision, masters);
  }

  private static StateDict of(NDManager manager, Precision precision, StateDict masters) {
    Map<String, NDArray> all = new LinkedHashMap<>();
    masters.forEach(all::put);
    NDList scaled = foldLayerScales(manager, all);
    if (precision == Precision.BF16) {
      List<String> linear = all.keySet().stream().filter(ComputeCopies::isLinear).toList();
      replace(manager, all, linear, "to_bf16");
      // all of linear layers, so in bf16 now; gradients go through them without their values
      scaled.forEach(NDArray::close);
    }
    return new StateDict(all);
  }

  /**
   * The same of weights that nobody trains, made once: masters that no forward reads are freed.
   *
   * @param manager owner of the copies
   */
  public static StateDict frozen(NDManager manager, Precision precision, StateDict masters) {
    StateDict copies = of(manager, precision, masters);
    masters.forEach(
        (name, master) -> {
          if (!copies.contains(name) || copies.tensor(name) != master) {
            master.close();
          }
        });
    return copies;
  }

  /**
   * W x + b, scaled by gamma, is (gamma W) x + gamma b.
   *
   * @return the scaled tensors
   */
  private static NDList foldLayerScales(NDManager manager, Map<String, NDArray> all) {
    List<String> scaled = new ArrayList<>();
    NDList scales = new NDList();
    for (String name : List.copyOf(all.keySet())) {
      for (String tensor : scaledBy(name)) {
        if (all.containsKey(tensor)) {
          scaled.add(tensor);
          scales.add(all.get(name));
        }
      }
    }
    if (scaled.isEmpty()) {
      return new NDList();
    }
    NDList results = replace(manager, all, scaled, "scaled_rows", scales);
    all.keySet().removeIf(name -> !scaledBy(name).isEmpty());
    return results;
  }

  /** The tensors that a layer scale multiplies, of either form of feed-forward. */
  private static List<String> scaledBy(String name) {
    if (name.endsWith(FIRST_SCALE)) {
      String block = name.substring(0, name.length() - FIRST_SCALE.length());
      return List.of(block + "attn.proj.weight", block + "attn.proj.bias");
    }
    if (name.endsWith(SECOND_SCALE)) {
      String block = name.substring(0, name.length() - SECOND_SCALE.length());
      String mlp = block + "mlp.";
      return List.of(mlp + "fc2.weight", mlp + "fc2.bias", mlp + "w3.weight", mlp + "w3.bias");
    }
    return List.of();
  }

  /** Puts a kernel's results in the places of its first list. */
  private static NDList replace(
      NDManager manager,
      Map<String, NDArray> all,
      List<String> names,
      String kernel,
      NDList... others) {
    NDList tensors = new NDList();
    names.forEach(name -> tensors.add(all.get(name)));
    Object[] arguments = new Object[1 + others.length];
    arguments[0] = tensors;
    System.arraycopy(others, 0, arguments, 1, others.length);
    NDList results = TorchKernels.run(manager, kernel, arguments);
    for (int i = 0; i < results.size(); i++) {
      all.put(names.get(i), results.get(i));
    }
    return results;
  }

  /** Layers whose product is worth bf16: attention, feed-forward, heads. */
  private static boolean isLinear(String name) {
    return name.contains("attn.")
        || name.contains("mlp.")
        || name.startsWith("last_layer")
        || name.contains("pwconv");
  }
}
