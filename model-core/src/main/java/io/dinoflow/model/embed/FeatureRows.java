package io.dinoflow.model.embed;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.HostMemory;
import io.dinoflow.model.weights.ElementType;
import io.dinoflow.model.weights.TensorDraft;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * One tensor's rows in a file of its own, since a safetensors header wants their number first and a
 * stream tells it last.
 */
final class FeatureRows implements Closeable {
  private final String name;
  private final Path file;
  private final FileChannel channel;
  private List<Long> rowShape = List.of();
  private long rows;

  FeatureRows(String name, Path folder) throws IOException {
    this.name = name;
    this.file = folder.resolve(name + ".rows");
    this.channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** Appends fp32 rows (B, ...), each of the same shape as those before. */
  void append(NDArray rows_B) throws IOException {
    List<Long> shape = new ArrayList<>();
    for (long dim : rows_B.getShape().getShape()) {
      shape.add(dim);
    }
    List<Long> own = shape.subList(1, shape.size());
    if (rows > 0 && !own.equals(rowShape)) {
      throw new IllegalStateException(
          "rows of %s have shape %s, those before %s".formatted(name, own, rowShape));
    }
    rowShape = List.copyOf(own);
    rows += shape.get(0);
    if (rows_B.getShape().size() == 0) {
      return;
    }
    HostMemory.read(
        rows_B,
        bytes -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /** All rows as one tensor (N, ...). */
  TensorDraft draft() {
    List<Long> shape = new ArrayList<>(List.of(rows));
    shape.addAll(rowShape);
    long bytes = shape.stream().reduce((long) Float.BYTES, Math::multiplyExact);
    return new TensorDraft(
        name, ElementType.F32, shape, List.of(new TensorDraft.Stretch(file, 0, bytes)));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
