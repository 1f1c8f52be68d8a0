package io.dinoflow.model.weights;

import java.nio.file.Path;
import java.util.List;

/**
 * A tensor that lies in a file.
 *
 * @param shape dimensions, outermost first; empty for a scalar
 * @param position of its first byte in the file
 */
public record StoredTensor(
    Path file, String name, ElementType type, List<Long> shape, long position, long bytes) {
  public StoredTensor {
    shape = List.copyOf(shape);
  }
}
