package io.dinoflow.model.embed;

import io.dinoflow.model.weights.ElementType;
import io.dinoflow.model.weights.StoredTensor;
import io.dinoflow.model.weights.TensorFile;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** The tensor {@code pixel_values} (N, 3, H, W) of a file, a few rows at a time. */
final class RawPixels implements Closeable {
  static final String NAME = "pixel_values";

  private final StoredTensor tensor;
  private final FileChannel channel;

  private RawPixels(StoredTensor tensor, FileChannel channel) {
    this.tensor = tensor;
    this.channel = channel;
  }

  /**
   * @throws IllegalArgumentException the file has other tensors, or this one in another form
   */
  static RawPixels open(Path file) throws IOException {
    List<StoredTensor> tensors = TensorFile.read(file).tensors();
    List<String> names = tensors.stream().map(StoredTensor::name).toList();
    if (!names.equals(List.of(NAME))) {
      throw new IllegalArgumentException(
          "%s holds the tensors %s, must hold \"%s\" alone".formatted(file, names, NAME));
    }
    StoredTensor tensor = tensors.get(0);
    List<Long> shape = tensor.shape();
    if (tensor.type() != ElementType.F32
        || shape.size() != 4
        || shape.get(1) != 3
        || tensor.bytes() == 0) {
      throw new IllegalArgumentException(
          "\"%s\" of %s is %s %s, must be F32 [N, 3, H, W]"
              .formatted(NAME, file, tensor.type(), shape));
    }
    return new RawPixels(tensor, FileChannel.open(file, StandardOpenOption.READ));
  }

  long count() {
    return tensor.shape().get(0);
  }

  long height() {
    return tensor.shape().get(2);
  }

  long width() {
    return tensor.shape().get(3);
  }

  FloatBuffer read(long from, int rows) throws IOException {
    long rowBytes = tensor.bytes() / count();
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(Math.multiplyExact(rowBytes, (long) rows)))
            .order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      long at = tensor.position() + from * rowBytes + bytes.position();
      if (channel.read(bytes, at) < 0) {
        throw new EOFException("%s became shorter while it was read".formatted(tensor.file()));
      }
    }
    return bytes.flip().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
