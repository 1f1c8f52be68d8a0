package io.dinoflow.model.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The safetensors format: eight bytes of header length, a JSON header, then raw tensors.
 *
 * <p>Bytes go straight between tensor memory and the file; a file's bytes depend on its tensors
 * alone (sorted names, constant metadata). Reading is strict: a malformed file is refused with the
 * tensor named.
 */
public final class Safetensors {
  private static final int HEADER_BYTES_MAX = 100_000_000;
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();
  private static final Map<String, DataType> TYPES =
      Map.of(
          "F32", DataType.FLOAT32,
          "F64", DataType.FLOAT64,
          "F16", DataType.FLOAT16,
          "I64", DataType.INT64,
          "I32", DataType.INT32,
          "I8", DataType.INT8,
          "U8", DataType.UINT8,
          "BOOL", DataType.BOOLEAN);

  private Safetensors() {}

  /** Where one tensor lies in the data section. */
  private record Entry(String name, DataType type, long[] shape, long begin, long end) {}

  /**
   * Writes tensors, hashing as they go out.
   *
   * @param partName name of the file within its checkpoint
   */
  public static BlobFile write(Path file, String partName, Map<String, NDArray> tensors) {
    Map<String, NDArray> sorted = new TreeMap<>(tensors);
    byte[] header = header(sorted);
    MessageDigest digest = Sha256.newDigest();
    long bytes = 0;
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer head =
          ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
      head.putLong(header.length).put(header).flip();
      bytes += put(channel, digest, head);
      for (NDArray tensor : sorted.values()) {
        bytes += put(channel, digest, tensor.toByteBuffer(true));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
    return new BlobFile(partName, file, Sha256.ofDigest(digest.digest()), bytes);
  }

  /** Reads every tensor of a file into arrays of the manager. */
  public static StateDict read(Path file, NDManager manager) {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long headerBytes = headerBytes(channel, file);
      List<Entry> entries = entries(channel, headerBytes, file);
      long data = Long.BYTES + headerBytes;
      for (Entry entry : entries) {
        NDArray tensor = manager.zeros(new Shape(entry.shape()), entry.type());
        tensors.put(entry.name(), tensor);
        fill(channel, data + entry.begin(), tensor.toByteBuffer(true), file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return new StateDict(tensors);
  }

  private static byte[] header(Map<String, NDArray> tensors) {
    ObjectNode root = JSON.createObjectNode();
    root.putObject("__metadata__").put("format", "pt");
    long offset = 0;
    for (Map.Entry<String, NDArray> e : tensors.entrySet()) {
      NDArray tensor = e.getValue();
      long bytes = tensor.getShape().size() * tensor.getDataType().getNumOfBytes();
      ObjectNode node = root.putObject(e.getKey());
      node.put("dtype", typeName(e.getKey(), tensor.getDataType()));
      ArrayNode shape = node.putArray("shape");
      for (long d : tensor.getShape().getShape()) {
        shape.add(d);
      }
      node.putArray("data_offsets").add(offset).add(offset + bytes);
      offset += bytes;
    }
    String json = root.toString();
    int padding = (8 - json.getBytes(StandardCharsets.UTF_8).length % 8) % 8;
    return (json + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
  }

  private static String typeName(String tensor, DataType type) {
    return TYPES.entrySet().stream()
        .filter(e -> e.getValue() == type)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "tensor \"%s\" has type %s, which is not written".formatted(tensor, type)));
  }

  private static long put(FileChannel channel, MessageDigest digest, ByteBuffer bytes)
      throws IOException {
    long written = bytes.remaining();
    digest.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    return written;
  }

  private static long headerBytes(FileChannel channel, Path file) throws IOException {
    if (channel.size() < Long.BYTES) {
      throw new MalformedSafetensorsException(
          file, "it has %d bytes, fewer than the header length needs".formatted(channel.size()));
    }
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    fill(channel, 0, length, file);
    long bytes = length.getLong(0);
    if (bytes < 2 || bytes > HEADER_BYTES_MAX || bytes > channel.size() - Long.BYTES) {
      throw new MalformedSafetensorsException(
          file,
          "its header claims %d bytes, must be from 2 to %d and within the file's %d"
              .formatted(bytes, HEADER_BYTES_MAX, channel.size()));
    }
    return bytes;
  }

  private static List<Entry> entries(FileChannel channel, long headerBytes, Path file)
      throws IOException {
    ByteBuffer header = ByteBuffer.allocate((int) headerBytes);
    fill(channel, Long.BYTES, header, file);
    JsonNode root;
    try {
      root = JSON.readTree(header.array());
    } catch (IOException e) {
      throw new MalformedSafetensorsException(
          file, "its header is not JSON with unique names: " + e.getMessage());
    }
    if (!root.isObject()) {
      throw new MalformedSafetensorsException(file, "its header is no JSON object");
    }
    List<Entry> entries = new ArrayList<>();
    root.properties()
        .forEach(
            e -> {
              if (!e.getKey().equals("__metadata__")) {
                entries.add(entry(file, e.getKey(), e.getValue()));
              }
            });
    checkLayout(file, entries, channel.size() - Long.BYTES - headerBytes);
    return entries;
  }

  private static Entry entry(Path file, String name, JsonNode node) {
    DataType type = TYPES.get(node.path("dtype").asText());
    if (type == null) {
      throw new MalformedSafetensorsException(
          file,
          "tensor \"%s\" has dtype %s, must be one of %s"
              .formatted(name, node.path("dtype"), TYPES.keySet()));
    }
    JsonNode dims = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    if (!dims.isArray() || !offsets.isArray() || offsets.size() != 2) {
      throw new MalformedSafetensorsException(
          file, "tensor \"%s\" lacks a shape or two data_offsets".formatted(name));
    }
    long[] shape = new long[dims.size()];
    long elements = 1;
    try {
      for (int i = 0; i < shape.length; i++) {
        shape[i] = whole(dims.get(i));
        elements = Math.multiplyExact(elements, shape[i]);
      }
      long begin = whole(offsets.get(0));
      long end = whole(offsets.get(1));
      long bytes = Math.multiplyExact(elements, (long) type.getNumOfBytes());
      if (end - begin != bytes) {
        throw new MalformedSafetensorsException(
            file,
            "tensor \"%s\" spans %d bytes, its shape and dtype need %d"
                .formatted(name, end - begin, bytes));
      }
      return new Entry(name, type, shape, begin, end);
    } catch (ArithmeticException e) {
      throw new MalformedSafetensorsException(
          file, "tensor \"%s\" has a shape or offset out of range".formatted(name));
    }
  }

  private static long whole(JsonNode number) {
    if (!number.canConvertToLong() || !number.isIntegralNumber() || number.asLong() < 0) {
      throw new ArithmeticException("not a whole number: " + number);
    }
    return number.asLong();
  }

  private static void checkLayout(Path file, List<Entry> entries, long dataBytes) {
    List<Entry> byOffset = new ArrayList<>(entries);
    byOffset.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long expected = 0;
    for (Entry e : byOffset) {
      if (e.begin() != expected) {
        throw new MalformedSafetensorsException(
            file,
            "tensor \"%s\" begins at %d, must begin at %d: tensors overlap or leave a gap"
                .formatted(e.name(), e.begin(), expected));
      }
      if (e.end() > dataBytes) {
        throw new MalformedSafetensorsException(
            file,
            "tensor \"%s\" ends at %d, beyond the %d bytes of data"
                .formatted(e.name(), e.end(), dataBytes));
      }
      expected = e.end();
    }
    if (expected != dataBytes) {
      throw new MalformedSafetensorsException(
          file, "its data has %d bytes, its tensors cover %d".formatted(dataBytes, expected));
    }
  }

  private static void fill(FileChannel channel, long position, ByteBuffer into, Path file)
      throws IOException {
    long at = position;
    while (into.hasRemaining()) {
      int read = channel.read(into, at);
      if (read < 0) {
        throw new MalformedSafetensorsException(
            file, "it ends at byte %d in the middle of a tensor".formatted(at));
      }
      at += read;
    }
  }
}
