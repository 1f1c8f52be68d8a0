package io.dinoflow.model.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.kernel.Tensors;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Tensors under their official names, in a fixed order. The tensors belong to whoever made them;
 * {@link #close} frees them all.
 */
public final class StateDict implements AutoCloseable {
  private final Map<String, NDArray> tensors;

  public StateDict(Map<String, NDArray> tensors) {
    this.tensors = new LinkedHashMap<>(tensors);
  }

  public NDArray tensor(String name) {
    NDArray tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "no tensor \"%s\" among %d; the first are %s"
              .formatted(name, tensors.size(), tensors.keySet().stream().limit(5).toList()));
    }
    return tensor;
  }

  public boolean contains(String name) {
    return tensors.containsKey(name);
  }

  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  public int size() {
    return tensors.size();
  }

  public NDList list() {
    return new NDList(tensors.values());
  }

  public NDList list(Collection<String> names) {
    NDList list = new NDList(names.size());
    names.forEach(n -> list.add(tensor(n)));
    return list;
  }

  public void forEach(BiConsumer<String, NDArray> action) {
    tensors.forEach(action);
  }

  /** The named tensors in that order; missing ones are all named. */
  public StateDict only(Collection<String> names) {
    List<String> missing = names.stream().filter(n -> !contains(n)).toList();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException("missing tensors: " + missing);
    }
    Map<String, NDArray> chosen = new LinkedHashMap<>();
    names.forEach(n -> chosen.put(n, tensor(n)));
    return new StateDict(chosen);
  }

  /** The tensors under a prefix, which is cut off. */
  public StateDict withoutPrefix(String prefix) {
    Map<String, NDArray> chosen = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            chosen.put(name.substring(prefix.length()), tensor);
          }
        });
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException("no tensor begins with \"" + prefix + "\"");
    }
    return new StateDict(chosen);
  }

  /** A copy of every tensor that belongs to the manager. */
  public StateDict duplicate(NDManager manager) {
    Map<String, NDArray> copies = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          NDArray copy = manager.zeros(tensor.getShape());
          Tensors.copy(copy, tensor);
          copies.put(name, copy);
        });
    return new StateDict(copies);
  }

  /** Zeros of the same names and shapes that belong to the manager. */
  public StateDict zerosLike(NDManager manager) {
    Map<String, NDArray> zeros = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> zeros.put(name, manager.zeros(tensor.getShape())));
    return new StateDict(zeros);
  }

  /** Makes every tensor a leaf that gradients are taken for. */
  public void requireGradients() {
    tensors.values().forEach(t -> t.setRequiresGradient(true));
  }

  /** Copies one tensor's values into another of the same shape. */
  public void copyInto(String name, NDArray into) {
    try {
      Tensors.copy(into, tensor(name));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("tensor \"%s\": %s".formatted(name, e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    tensors.values().forEach(NDArray::close);
  }
}
