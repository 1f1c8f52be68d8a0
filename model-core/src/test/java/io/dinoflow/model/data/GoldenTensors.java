package io.dinoflow.model.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads official fixtures with nothing but the JDK, so that product code is not its own judge. */
final class GoldenTensors {

  private final ByteBuffer file;
  private final JsonNode header;
  private final int dataStart;

  private GoldenTensors(ByteBuffer file, JsonNode header, int dataStart) {
    this.file = file;
    this.header = header;
    this.dataStart = dataStart;
  }

  static JsonNode json(String fixture) throws IOException {
    return new ObjectMapper().readTree(path(fixture + ".json").toFile());
  }

  static Path path(String name) {
    Path file = Path.of(System.getProperty("golden.dir", "../shared/golden"), name);
    assumeTrue(Files.exists(file), name + ": " + file + " is absent");
    return file;
  }

  static GoldenTensors of(String fixture) throws IOException {
    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(path(fixture + ".safetensors")))
            .order(ByteOrder.LITTLE_ENDIAN);
    int length = Math.toIntExact(file.getLong(0));
    JsonNode header = new ObjectMapper().readTree(file.array(), Long.BYTES, length);
    return new GoldenTensors(file, header, Long.BYTES + length);
  }

  int[] shape(String name) {
    JsonNode shape = header.get(name).get("shape");
    int[] sizes = new int[shape.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = shape.get(i).asInt();
    }
    return sizes;
  }

  byte[] bytes(String name) {
    int from = dataStart + header.get(name).get("data_offsets").get(0).asInt();
    int to = dataStart + header.get(name).get("data_offsets").get(1).asInt();
    byte[] bytes = new byte[to - from];
    file.get(from, bytes);
    return bytes;
  }

  float[] floats(String name) {
    byte[] bytes = bytes(name);
    float[] floats = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }

  /** A (H, W, 3) tensor of levels as a picture. */
  RgbImage image(String name) {
    int[] shape = shape(name);
    return new RgbImage(shape[1], shape[0], bytes(name));
  }
}
