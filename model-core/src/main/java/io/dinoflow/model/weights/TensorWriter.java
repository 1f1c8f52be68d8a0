package io.dinoflow.model.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes safetensors files: sorted names, data in the same order, a header padded to eight bytes; a
 * file's bytes depend on its tensors and metadata alone. Hashes as bytes go out.
 */
public final class TensorWriter implements AutoCloseable {
  private static final int CHUNK_BYTES = 4 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the format's readers expect. */
  public static final Map<String, String> PLAIN = Map.of("format", "pt");

  private final Path file;
  private final FileChannel channel;
  private final MessageDigest digest = Sha256.newDigest();
  private long bytes;

  private TensorWriter(Path file) throws IOException {
    this.file = file;
    this.channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** A tensor's type and shape, as the header says it. */
  record Declared(ElementType type, List<Long> shape) {
    long bytes() {
      return shape.stream().reduce((long) type.bytes(), Math::multiplyExact);
    }
  }

  /**
   * Writes tensors from the files they lie in, a few megabytes at a time.
   *
   * @param partName name of the file within its checkpoint
   */
  public static BlobFile write(
      Path file, String partName, List<TensorDraft> drafts, Map<String, String> metadata) {
    Map<String, TensorDraft> sorted = new TreeMap<>();
    Map<String, Declared> declared = new TreeMap<>();
    for (TensorDraft draft : drafts) {
      if (sorted.put(draft.name(), draft) != null) {
        throw new IllegalArgumentException("two tensors are called \"%s\"".formatted(draft.name()));
      }
      declared.put(draft.name(), new Declared(draft.type(), draft.shape()));
    }
    try (TensorWriter writer = open(file, declared, metadata);
        Sources sources = new Sources()) {
      ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (TensorDraft draft : sorted.values()) {
        for (TensorDraft.Piece piece : draft.pieces()) {
          writer.put(piece, sources, chunk);
        }
      }
      return writer.finished(partName);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** Writes the header; the tensors' bytes follow by {@link #put} in the order of their names. */
  static TensorWriter open(Path file, Map<String, Declared> tensors, Map<String, String> metadata)
      throws IOException {
    byte[] header = header(new TreeMap<>(tensors), new TreeMap<>(metadata));
    TensorWriter writer = new TensorWriter(file);
    ByteBuffer head =
        ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(header.length).put(header).flip();
    writer.put(head);
    return writer;
  }

  private static byte[] header(Map<String, Declared> tensors, Map<String, String> metadata) {
    ObjectNode root = JSON.createObjectNode();
    ObjectNode notes = root.putObject("__metadata__");
    metadata.forEach(notes::put);
    long offset = 0;
    for (Map.Entry<String, Declared> e : tensors.entrySet()) {
      ObjectNode node = root.putObject(e.getKey());
      node.put("dtype", e.getValue().type().name());
      ArrayNode shape = node.putArray("shape");
      e.getValue().shape().forEach(shape::add);
      long end = Math.addExact(offset, e.getValue().bytes());
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
    int padding = (8 - json.length % 8) % 8;
    if (json.length + padding > TensorFile.HEADER_BYTES_MAX) {
      throw new IllegalArgumentException(
          "the header would have %d bytes, must have at most %d"
              .formatted(json.length + padding, TensorFile.HEADER_BYTES_MAX));
    }
    byte[] padded = Arrays.copyOf(json, json.length + padding);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  void put(ByteBuffer data) throws IOException {
    bytes += data.remaining();
    digest.update(data.duplicate());
    while (data.hasRemaining()) {
      channel.write(data);
    }
  }

  private void put(TensorDraft.Piece piece, Sources sources, ByteBuffer chunk) throws IOException {
    for (long done = 0; done < piece.bytes(); ) {
      int n = (int) Math.min(chunk.capacity(), piece.bytes() - done);
      chunk.clear().limit(n);
      if (piece instanceof TensorDraft.Stretch stretch) {
        sources.fill(stretch.file(), stretch.position() + done, chunk);
      } else if (piece instanceof TensorDraft.Widened widened) {
        // the narrow half lies at the chunk's end, where widening from the front never overtakes it
        chunk.position(n / 2);
        sources.fill(widened.file(), widened.position() + done / 2, chunk);
        HalfFloats.widen(chunk, n, widened.from());
      } else if (piece instanceof TensorDraft.Narrowed narrowed) {
        n = Math.min(n, chunk.capacity() / 2);
        sources.fill(narrowed.file(), narrowed.position() + done * 2, chunk.limit(n * 2));
        HalfFloats.narrow(chunk, n / Short.BYTES, narrowed.to());
      } else {
        for (int i = 0; i < n; i++) {
          chunk.put(i, (byte) 0);
        }
      }
      put(chunk.position(0).limit(n));
      done += n;
    }
  }

  BlobFile finished(String partName) {
    return new BlobFile(partName, file, Sha256.ofDigest(digest.digest()), bytes);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Files read from, each opened once. */
  private static final class Sources implements AutoCloseable {
    private final Map<Path, FileChannel> open = new LinkedHashMap<>();

    void fill(Path file, long position, ByteBuffer into) throws IOException {
      FileChannel from = open.get(file);
      if (from == null) {
        from = FileChannel.open(file, StandardOpenOption.READ);
        open.put(file, from);
      }
      TensorFile.fill(from, position, into, file);
    }

    @Override
    public void close() throws IOException {
      for (FileChannel channel : open.values()) {
        channel.close();
      }
    }
  }
}
