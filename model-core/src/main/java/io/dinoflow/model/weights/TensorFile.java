package io.dinoflow.model.weights;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the header of a safetensors file says: names, types, shapes and places, no values.
 *
 * <p>Reading is strict. A header that is not one JSON object with unique names, a type or shape
 * that is none, and tensors that overlap, leave a gap or do not end where the file ends are refused
 * with the tensor named, before any memory for values is taken. Only the header is read, at most
 * {@value #HEADER_BYTES_MAX} bytes; no file stays open.
 */
public final class TensorFile {
  /** The format's own limit. */
  static final int HEADER_BYTES_MAX = 100_000_000;

  private static final String METADATA = "__metadata__";
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path file;
  private final Map<String, StoredTensor> tensors;
  private final Map<String, String> metadata;

  private TensorFile(Path file, Map<String, StoredTensor> tensors, Map<String, String> metadata) {
    this.file = file;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  /**
   * @throws MalformedSafetensorsException the file is not what it claims to be
   * @throws UncheckedIOException the file cannot be read
   */
  public static TensorFile read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      int headerBytes = headerBytes(channel, file);
      JsonNode root = header(channel, headerBytes, file);
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      long data = (long) Long.BYTES + headerBytes;
      for (Map.Entry<String, JsonNode> field : root.properties()) {
        if (!field.getKey().equals(METADATA)) {
          tensors.put(field.getKey(), tensor(file, field.getKey(), field.getValue(), data));
        }
      }
      checkLayout(file, List.copyOf(tensors.values()), data, channel.size());
      return new TensorFile(file, tensors, metadata(file, root.path(METADATA)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  public Path file() {
    return file;
  }

  /** In the header's order. */
  public List<StoredTensor> tensors() {
    return List.copyOf(tensors.values());
  }

  public Optional<StoredTensor> find(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /** Free text that the writer added. */
  public Map<String, String> metadata() {
    return Map.copyOf(metadata);
  }

  private static int headerBytes(FileChannel channel, Path file) throws IOException {
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
          "its header claims %s bytes, must be from 2 to %d and within the file's %d"
              .formatted(Long.toUnsignedString(bytes), HEADER_BYTES_MAX, channel.size()));
    }
    return (int) bytes;
  }

  private static JsonNode header(FileChannel channel, int headerBytes, Path file)
      throws IOException {
    ByteBuffer header = ByteBuffer.allocate(headerBytes);
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
    return root;
  }

  private static Map<String, String> metadata(Path file, JsonNode node) {
    if (!node.isMissingNode() && !node.isObject()) {
      throw new MalformedSafetensorsException(file, METADATA + " is no JSON object");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw new MalformedSafetensorsException(
            file, "%s \"%s\" is no text".formatted(METADATA, field.getKey()));
      }
      metadata.put(field.getKey(), field.getValue().asText());
    }
    return metadata;
  }

  private static StoredTensor tensor(Path file, String name, JsonNode node, long data) {
    ElementType type =
        ElementType.ofName(node.path("dtype").asText())
            .orElseThrow(
                () ->
                    new MalformedSafetensorsException(
                        file,
                        "tensor \"%s\" has dtype %s, must be one of %s"
                            .formatted(name, node.path("dtype"), ElementType.names())));
    JsonNode dims = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    if (!dims.isArray() || !offsets.isArray() || offsets.size() != 2) {
      throw new MalformedSafetensorsException(
          file, "tensor \"%s\" lacks a shape or two data_offsets".formatted(name));
    }
    try {
      List<Long> shape = new ArrayList<>();
      long bytes = type.bytes();
      for (JsonNode dim : dims) {
        shape.add(whole(dim));
        bytes = Math.multiplyExact(bytes, whole(dim));
      }
      long begin = whole(offsets.get(0));
      long end = whole(offsets.get(1));
      if (end - begin != bytes) {
        throw new MalformedSafetensorsException(
            file,
            "tensor \"%s\" spans %d bytes, its shape and dtype need %d"
                .formatted(name, end - begin, bytes));
      }
      return new StoredTensor(file, name, type, shape, Math.addExact(data, begin), bytes);
    } catch (ArithmeticException e) {
      throw new MalformedSafetensorsException(
          file,
          "tensor \"%s\" has a shape or offset out of range: %s, %s"
              .formatted(name, dims, offsets));
    }
  }

  private static long whole(JsonNode number) {
    if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
      throw new ArithmeticException("not a whole number: " + number);
    }
    return number.asLong();
  }

  private static void checkLayout(Path file, List<StoredTensor> tensors, long data, long size) {
    List<StoredTensor> inOrder = new ArrayList<>(tensors);
    inOrder.sort(
        Comparator.comparingLong(StoredTensor::position).thenComparingLong(StoredTensor::bytes));
    long expected = data;
    for (StoredTensor t : inOrder) {
      if (t.position() != expected) {
        throw new MalformedSafetensorsException(
            file,
            "tensor \"%s\" begins at %d, must begin at %d: tensors overlap or leave a gap"
                .formatted(t.name(), t.position() - data, expected - data));
      }
      if (t.bytes() > size - t.position()) {
        throw new MalformedSafetensorsException(
            file,
            "tensor \"%s\" ends at %d, beyond the %d bytes of data"
                .formatted(t.name(), t.position() - data + t.bytes(), size - data));
      }
      expected = t.position() + t.bytes();
    }
    if (expected != size) {
      throw new MalformedSafetensorsException(
          file,
          "its data has %d bytes, its tensors cover %d".formatted(size - data, expected - data));
    }
  }

  static void fill(FileChannel channel, long position, ByteBuffer into, Path file)
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
