package io.dinoflow.ops.bench;

import io.dinoflow.model.weights.StoredTensor;
import io.dinoflow.model.weights.TensorFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** How far the features that two programs wrote for the same pictures are apart. */
final class FeatureDifference {
  private static final List<String> TENSORS = List.of("cls", "patches", "storage");

  private FeatureDifference() {}

  /**
   * The norm of the difference in parts of our norm, for the tensor where it is largest; infinite
   * where a tensor is missing or has another shape.
   */
  static double between(Path ours, Path theirs) throws IOException {
    double most = 0;
    for (String name : TENSORS) {
      most = Math.max(most, between(TensorFile.read(ours), TensorFile.read(theirs), name));
    }
    return most;
  }

  private static double between(TensorFile ours, TensorFile theirs, String name)
      throws IOException {
    StoredTensor our = ours.find(name).orElseThrow();
    StoredTensor their = theirs.find(name).filter(t -> t.shape().equals(our.shape())).orElse(null);
    if (their == null || their.type() != our.type()) {
      return Double.POSITIVE_INFINITY;
    }
    FloatBuffer a = values(our);
    FloatBuffer b = values(their);
    double difference = 0;
    double whole = 0;
    while (a.hasRemaining()) {
      double x = a.get();
      double y = b.get();
      difference += (x - y) * (x - y);
      whole += x * x;
    }
    return Math.sqrt(difference / whole);
  }

  private static FloatBuffer values(StoredTensor tensor) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(tensor.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(tensor.file(), StandardOpenOption.READ)) {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, tensor.position() + bytes.position()) < 0) {
          throw new EOFException("%s ends inside %s".formatted(tensor.file(), tensor.name()));
        }
      }
    }
    return bytes.flip().asFloatBuffer();
  }
}
