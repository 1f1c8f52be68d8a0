package io.dinoflow.model.hub;

import io.dinoflow.model.weights.ElementType;
import io.dinoflow.model.weights.StoredTensor;
import io.dinoflow.model.weights.TensorDraft;
import io.dinoflow.model.weights.TensorFile;
import io.dinoflow.model.weights.TensorWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which tensors of a checkpoint had 16 bits where they came from. A note in the file's metadata
 * says so, by type; an export writes them narrow again, bit for bit.
 */
final class NarrowTensors {
  private static final List<ElementType> TYPES = List.of(ElementType.BF16, ElementType.F16);
  private static final String NOTE = "was_";

  /** Types of the official tensors by where they begin in the file. */
  private final NavigableMap<Long, ElementType> byPosition = new TreeMap<>();

  private NarrowTensors() {}

  /** The metadata of a file that holds these in fp32. */
  static Map<String, String> noted(List<TensorDraft> weights) {
    Map<String, String> metadata = new TreeMap<>(TensorWriter.PLAIN);
    for (ElementType type : TYPES) {
      String names =
          weights.stream()
              .filter(draft -> draft.type() == type)
              .map(TensorDraft::name)
              .sorted()
              .collect(Collectors.joining(" "));
      if (!names.isEmpty()) {
        metadata.put(NOTE + type.name(), names);
      }
    }
    return metadata;
  }

  static NarrowTensors of(TensorFile official) {
    NarrowTensors narrow = new NarrowTensors();
    for (StoredTensor tensor : official.tensors()) {
      ElementType was =
          TYPES.stream()
              .filter(type -> names(official, type).contains(tensor.name()))
              .findFirst()
              .orElse(ElementType.F32);
      if (tensor.bytes() > 0) {
        narrow.byPosition.put(tensor.position(), was);
      }
    }
    return narrow;
  }

  private static List<String> names(TensorFile official, ElementType type) {
    return Arrays.asList(official.metadata().getOrDefault(NOTE + type.name(), "").split(" "));
  }

  /** The draft in the type that all of its pieces had. */
  TensorDraft asItWas(TensorDraft draft) {
    List<ElementType> types =
        draft.pieces().stream()
            .filter(TensorDraft.Stretch.class::isInstance)
            .map(piece -> byPosition.floorEntry(((TensorDraft.Stretch) piece).position()))
            .map(Map.Entry::getValue)
            .distinct()
            .toList();
    return types.size() == 1 && types.get(0) != ElementType.F32
        ? draft.narrowed(types.get(0))
        : draft;
  }
}
