package io.dinoflow.model.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.kernel.HostMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Between tensor memory and the safetensors format (eight bytes of header length, a JSON header,
 * then raw tensors).
 *
 * <p>Bytes go straight between memory of the processor and the file, tensor by tensor; a file's
 * bytes depend on its tensors alone. Reading is strict: see {@link TensorFile}.
 */
public final class Safetensors {
  private static final Map<ElementType, DataType> TYPES =
      Map.of(
          ElementType.F32, DataType.FLOAT32,
          ElementType.F64, DataType.FLOAT64,
          ElementType.F16, DataType.FLOAT16,
          ElementType.I64, DataType.INT64,
          ElementType.I32, DataType.INT32,
          ElementType.I8, DataType.INT8,
          ElementType.U8, DataType.UINT8,
          ElementType.BOOL, DataType.BOOLEAN);

  private Safetensors() {}

  /**
   * Writes tensors, hashing as they go out.
   *
   * @param partName name of the file within its checkpoint
   */
  public static BlobFile write(Path file, String partName, Map<String, NDArray> tensors) {
    Map<String, NDArray> sorted = new TreeMap<>(tensors);
    Map<String, TensorWriter.Declared> declared = new TreeMap<>();
    sorted.forEach(
        (name, tensor) ->
            declared.put(
                name,
                new TensorWriter.Declared(
                    type(name, tensor.getDataType()),
                    Arrays.stream(tensor.getShape().getShape()).boxed().toList())));
    try (TensorWriter writer = TensorWriter.open(file, declared, TensorWriter.PLAIN)) {
      for (NDArray tensor : sorted.values()) {
        HostMemory.read(tensor, writer::put);
      }
      return writer.finished(partName);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** Reads every tensor of a file into arrays of the manager. */
  public static StateDict read(Path file, NDManager manager) {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    TensorFile header = TensorFile.read(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (StoredTensor stored : header.tensors()) {
        DataType type = TYPES.get(stored.type());
        if (type == null) {
          throw new IllegalArgumentException(
              "tensor \"%s\" of %s is %s, which is not computed with"
                  .formatted(stored.name(), file, stored.type()));
        }
        long[] shape = stored.shape().stream().mapToLong(Long::longValue).toArray();
        NDArray tensor = manager.zeros(new Shape(shape), type);
        tensors.put(stored.name(), tensor);
        HostMemory.fill(tensor, bytes -> TensorFile.fill(channel, stored.position(), bytes, file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return new StateDict(tensors);
  }

  /**
   * Reads a file's tensors into arrays that are there, strictly: every one of them with its type
   * and shape, and nothing else.
   *
   * @throws IllegalArgumentException the file does not fit; nothing was read then
   */
  public static void readInto(Path file, Map<String, NDArray> places) {
    TensorFile header = TensorFile.read(file);
    checkFit(header, places);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (StoredTensor stored : header.tensors()) {
        NDArray place = Objects.requireNonNull(places.get(stored.name()), stored.name());
        HostMemory.fill(place, bytes -> TensorFile.fill(channel, stored.position(), bytes, file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static void checkFit(TensorFile header, Map<String, NDArray> places) {
    Set<String> names =
        header.tensors().stream().map(StoredTensor::name).collect(Collectors.toSet());
    List<String> missing =
        places.keySet().stream().filter(n -> !names.contains(n)).sorted().toList();
    List<String> extra = names.stream().filter(n -> !places.containsKey(n)).sorted().toList();
    if (!missing.isEmpty() || !extra.isEmpty()) {
      throw new IllegalArgumentException(
          "%s does not fit this recipe's networks: missing %s, not expected %s"
              .formatted(header.file().getFileName(), missing, extra));
    }
    for (StoredTensor stored : header.tensors()) {
      NDArray place = Objects.requireNonNull(places.get(stored.name()), stored.name());
      List<Long> shape = Arrays.stream(place.getShape().getShape()).boxed().toList();
      if (!shape.equals(stored.shape()) || TYPES.get(stored.type()) != place.getDataType()) {
        throw new IllegalArgumentException(
            "%s does not fit this recipe's networks: tensor \"%s\" is %s %s, must be %s %s"
                .formatted(
                    header.file().getFileName(),
                    stored.name(),
                    stored.type(),
                    stored.shape(),
                    place.getDataType(),
                    shape));
      }
    }
  }

  private static ElementType type(String tensor, DataType type) {
    return TYPES.entrySet().stream()
        .filter(e -> e.getValue() == type)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "tensor \"%s\" has type %s, which is not written".formatted(tensor, type)));
  }
}
