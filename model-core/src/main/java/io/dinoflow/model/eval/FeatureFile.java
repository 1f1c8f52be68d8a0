package io.dinoflow.model.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.kernel.HostMemory;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.TensorScope;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Rows of features in a local file, appended block by block: what a killed attempt has written in
 * whole blocks need not be made again. Its name says what the rows depend on, so rows that are
 * there are right. Bytes go straight between tensor memory and the file, in this machine's order.
 */
final class FeatureFile implements Closeable {
  /** A view of tensor memory holds less than 2 GiB, so long tables come in pieces. */
  private static final long CHUNK_BYTES = 64L << 20;

  private final FileChannel channel;
  private final Path file;
  private final int features;

  private FeatureFile(FileChannel channel, Path file, int features) {
    this.channel = channel;
    this.file = file;
    this.features = features;
  }

  static FeatureFile open(Path file, int features) throws IOException {
    return new FeatureFile(
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
        file,
        features);
  }

  /** Whole rows that are there. */
  int rows() throws IOException {
    return Math.toIntExact(channel.size() / rowBytes());
  }

  /** Writes fp32 rows (B, F) from row {@code at} on. */
  void write(int at, NDArray rows_BF) throws IOException {
    HostMemory.read(
        rows_BF,
        bytes -> {
          long position = at * rowBytes();
          while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
          }
        });
  }

  /** Makes sure that what was written survives. */
  void force() throws IOException {
    channel.force(false);
  }

  /** The first {@code rows} rows, (rows, F), that belong to the scope. */
  NDArray read(TensorScope scope, int rows) throws IOException {
    return read(scope, rows, Math.toIntExact(Math.max(1, CHUNK_BYTES / rowBytes())));
  }

  /** In pieces of {@code chunk} rows. */
  NDArray read(TensorScope scope, int rows, int chunk) throws IOException {
    NDArray all_NF = scope.manager().zeros(new Shape(rows, features));
    for (int from = 0; from < rows; from += chunk) {
      int to = Math.min(rows, from + chunk);
      try (TensorScope inner = scope.nested()) {
        NDArray piece_BF = inner.manager().zeros(new Shape(to - from, features));
        long position = from * rowBytes();
        HostMemory.fill(piece_BF, bytes -> fill(bytes, position));
        Tensors.copy(Tensors.rows(inner, all_NF, from, to), piece_BF);
      }
    }
    return all_NF;
  }

  private void fill(ByteBuffer into, long from) throws IOException {
    long at = from;
    while (into.hasRemaining()) {
      int read = channel.read(into, at);
      if (read < 0) {
        throw new EOFException("%s ends at byte %d, its rows go on".formatted(file, at));
      }
      at += read;
    }
  }

  private long rowBytes() {
    return (long) features * Float.BYTES;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
