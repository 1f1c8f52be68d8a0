package io.dinoflow.model.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.dinoflow.model.kernel.ComputeDevice;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.weights.StateDict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One fixture: tensors and the JSON that explains them. The only way in which tests read fixtures.
 *
 * <p>Files are read with nothing but the JDK, so that product code is not its own judge; native
 * memory is taken only for what is asked for as an array, and freed by {@link #close}. Every
 * comparison is entered into the run's table of deviations. Where the folder is absent, or is a
 * part and lacks the fixture, the test is skipped by name; else a missing fixture fails.
 */
public final class Golden implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, DataType> TYPES =
      Map.of("F32", DataType.FLOAT32, "I64", DataType.INT64, "U8", DataType.UINT8);
  private static final Map<String, String> OFFICIAL_TYPES =
      Map.of("F32", "float32", "I64", "int64", "U8", "uint8");

  private final String name;
  private final JsonNode json;
  private final Path file;
  private final Map<String, Entry> entries;
  private final Map<String, NDArray> arrays = new LinkedHashMap<>();
  private final ByteBuffer bytes;
  private Optional<NDManager> manager = Optional.empty();

  /** Where one tensor lies in its file. */
  record Entry(String type, List<Long> shape, long begin, long end) {}

  private Golden(String name, JsonNode json, Path file, ByteBuffer bytes) {
    this.name = name;
    this.json = json;
    this.file = file;
    this.bytes = bytes;
    this.entries = header(file);
    json.path("tensors").properties().forEach(e -> checkDeclared(e.getKey(), e.getValue()));
  }

  /**
   * Folder of the fixtures, from the project's root on: system property {@code golden.dir}, or the
   * project's own one where {@code golden.set} is {@code own}.
   */
  public static Path folder() {
    return own()
        ? ownFolder()
        : root().resolve(System.getProperty("golden.dir", "../shared/golden"));
  }

  static Path ownFolder() {
    return root().resolve("model-core/src/test/resources/golden");
  }

  private static Path root() {
    return Path.of(System.getProperty("dinoflow.root", ".."));
  }

  /** Where the tests compute: system property {@code golden.device}, or the processor. */
  static String device() {
    return System.getProperty("golden.device", "cpu");
  }

  static boolean own() {
    return System.getProperty("golden.set", "").equals("own");
  }

  /** Whether the folder says, by a file of that name, that it need not hold every fixture. */
  static boolean partial() {
    return Files.exists(folder().resolve("PARTIAL"));
  }

  /** A file of the folder. */
  public static Path path(String fileName) {
    assumeTrue(
        Files.isDirectory(folder()),
        "%s: the folder of goldens is absent: %s".formatted(fileName, folder()));
    Path file = folder().resolve(fileName);
    assumeTrue(
        Files.exists(file) || !partial(),
        "%s is not among the goldens of %s, which are a part".formatted(fileName, folder()));
    assertThat(file).as("golden " + fileName).exists();
    return file;
  }

  public static JsonNode json(String name) {
    Path file = path(name + ".json");
    try {
      JsonNode json = JSON.readTree(file.toFile());
      GoldenLedger.read(file, GoldenLedger.WHOLE);
      return json;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** A fixture of a JSON and a safetensors file; {@code folder/expected} where it is a folder. */
  public static Golden open(String name) {
    JsonNode json = json(name);
    Path file =
        path(name + ".json").resolveSibling(json.path("file").asText(name + ".safetensors"));
    return new Golden(name, json, file, contents(file));
  }

  /** A safetensors file without a JSON of its own, such as a model's weights. */
  public static Golden openFile(String fileName) {
    Path file = path(fileName);
    return new Golden(fileName, MissingNode.getInstance(), file, contents(file));
  }

  /** Names, types and places of the tensors of a safetensors file. */
  static Map<String, Entry> header(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(length, 0);
      int size = Math.toIntExact(length.getLong(0));
      ByteBuffer header = ByteBuffer.allocate(size);
      channel.read(header, Long.BYTES);
      Map<String, Entry> entries = new LinkedHashMap<>();
      JSON.readTree(header.array())
          .properties()
          .forEach(
              e -> {
                if (!e.getKey().equals("__metadata__")) {
                  entries.put(e.getKey(), entry(e.getValue(), Long.BYTES + size));
                }
              });
      return entries;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static Entry entry(JsonNode node, long data) {
    List<Long> shape = JSON.convertValue(node.get("shape"), longs());
    List<Long> offsets = JSON.convertValue(node.get("data_offsets"), longs());
    return new Entry(
        node.get("dtype").asText(), shape, data + offsets.get(0), data + offsets.get(1));
  }

  private static TypeReference<List<Long>> longs() {
    return new TypeReference<>() {};
  }

  private static ByteBuffer contents(Path file) {
    try {
      return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** What the JSON says of a tensor must be what the file holds. */
  private void checkDeclared(String tensor, JsonNode declared) {
    Entry entry = entryOf(tensor);
    assertThat(OFFICIAL_TYPES.get(entry.type()))
        .as("type of %s in %s", tensor, name)
        .isEqualTo(declared.get(0).asText());
    assertThat(entry.shape())
        .as("shape of %s in %s", tensor, name)
        .isEqualTo(JSON.convertValue(declared.get(1), longs()));
  }

  public JsonNode json() {
    return json;
  }

  /** Owner of this fixture's arrays; its first use prepares this thread for kernels. */
  public NDManager manager() {
    if (manager.isEmpty()) {
      TorchKernels.prepareThread(ComputeDevice.of(device()), 2);
      manager = Optional.of(TorchKernels.manager().newSubManager());
    }
    return manager.get();
  }

  public Set<String> names() {
    return entries.keySet();
  }

  public boolean has(String tensor) {
    return entries.containsKey(tensor);
  }

  /** All tensors. */
  public StateDict tensors() {
    return new StateDict(under(""));
  }

  public NDArray tensor(String tensor) {
    GoldenLedger.read(file, tensor);
    return arrays.computeIfAbsent(tensor, this::array);
  }

  /** A mask of zeros and ones as truth values. */
  public NDArray mask(String tensor) {
    NDArray mask = tensor(tensor).toType(DataType.BOOLEAN, true);
    mask.attach(manager());
    return mask;
  }

  /** Tensors under a prefix, without it; empty if there are none. */
  public Map<String, NDArray> under(String prefix) {
    Map<String, NDArray> chosen = new LinkedHashMap<>();
    for (String tensor : entries.keySet()) {
      if (tensor.startsWith(prefix)) {
        chosen.put(tensor.substring(prefix.length()), tensor(tensor));
      }
    }
    return chosen;
  }

  private NDArray array(String tensor) {
    Entry entry = entryOf(tensor);
    DataType type = TYPES.get(entry.type());
    long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
    NDArray array = manager().zeros(new Shape(shape), type);
    array.toByteBuffer(true).put(slice(entry));
    return array;
  }

  public int[] shape(String tensor) {
    return entryOf(tensor).shape().stream().mapToInt(Math::toIntExact).toArray();
  }

  public byte[] bytes(String tensor) {
    GoldenLedger.read(file, tensor);
    ByteBuffer slice = slice(entryOf(tensor));
    byte[] values = new byte[slice.remaining()];
    slice.get(values);
    return values;
  }

  public float[] floats(String tensor) {
    ByteBuffer raw = ByteBuffer.wrap(bytes(tensor)).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[raw.remaining() / Float.BYTES];
    raw.asFloatBuffer().get(values);
    return values;
  }

  public long[] longs(String tensor) {
    ByteBuffer raw = ByteBuffer.wrap(bytes(tensor)).order(ByteOrder.LITTLE_ENDIAN);
    long[] values = new long[raw.remaining() / Long.BYTES];
    raw.asLongBuffer().get(values);
    return values;
  }

  public double scalar(String tensor) {
    float[] values = floats(tensor);
    assertThat(values).as(name + " " + tensor).hasSize(1);
    return values[0];
  }

  /** Says why a tensor is not compared with anything; the reason is printed in the run's table. */
  public void leaveOut(String tensor, String because) {
    entryOf(tensor);
    GoldenLedger.leaveOut(file, tensor, because);
  }

  public double tolerance() {
    JsonNode tolerance = json.path("tolerance_abs");
    assertThat(tolerance.isNumber()).as(name + " states tolerance_abs").isTrue();
    return tolerance.asDouble();
  }

  /** {@link #compare(String, NDArray, NDArray, double)} with a tensor at the stated tolerance. */
  public double compare(String tensor, NDArray ours) {
    return compare(tensor, ours, tensor(tensor), tolerance());
  }

  /**
   * Largest absolute difference; fails above the tolerance or on another shape, in which axes of
   * one element do not count.
   */
  public double compare(String what, NDArray ours, NDArray official, double tolerance) {
    assertThat(withoutOnes(ours.getShape()))
        .as(name + " " + what + ": shape")
        .isEqualTo(withoutOnes(official.getShape()));
    return compare(what, ours.toFloatArray(), official.toFloatArray(), tolerance);
  }

  private static long[] withoutOnes(Shape shape) {
    return Arrays.stream(shape.getShape()).filter(n -> n != 1).toArray();
  }

  /** Largest absolute difference; fails above the tolerance or on another length. */
  public double compare(String what, float[] ours, float[] official, double tolerance) {
    double worst = deviation(what, ours, official, tolerance);
    assertThat(worst).as(name + " " + what + ": largest difference").isLessThanOrEqualTo(tolerance);
    return worst;
  }

  /** Difference of two numbers; fails above the tolerance. */
  public double compare(String what, double ours, double official, double tolerance) {
    return compare(name, what, ours, official, tolerance);
  }

  /** Difference of two numbers of a fixture without tensors; fails above the tolerance. */
  public static double compare(
      String fixture, String what, double ours, double official, double tolerance) {
    double worst = Math.abs(ours - official);
    GoldenLedger.compared(
        fixture,
        new GoldenLedger.Comparison(what, worst, relative(worst, Math.abs(official)), tolerance));
    assertThat(ours).as(fixture + " " + what).isFinite();
    assertThat(worst)
        .as("%s %s: %s against %s", fixture, what, ours, official)
        .isLessThanOrEqualTo(tolerance);
    return worst;
  }

  /** {@link #compare} with a small share of outliers allowed up to a higher limit. */
  public double compareMostly(
      String what, NDArray ours, NDArray official, double tolerance, double outlier, double share) {
    float[] a = ours.toFloatArray();
    float[] b = official.toFloatArray();
    double worst = deviation(what, a, b, outlier);
    assertThat(worst).as(name + " " + what).isLessThanOrEqualTo(outlier);
    int over = 0;
    for (int i = 0; i < a.length; i++) {
      over += Math.abs((double) a[i] - b[i]) > tolerance ? 1 : 0;
    }
    assertThat((double) over / a.length)
        .as(name + " " + what + ": share over " + tolerance)
        .isLessThanOrEqualTo(share);
    return worst;
  }

  private double deviation(String what, float[] ours, float[] official, double tolerance) {
    assertThat(ours.length).as(name + " " + what).isEqualTo(official.length);
    double worst = 0;
    double magnitude = 0;
    for (int i = 0; i < ours.length; i++) {
      assertThat(ours[i]).as(name + " " + what).isFinite();
      worst = Math.max(worst, Math.abs((double) ours[i] - official[i]));
      magnitude = Math.max(magnitude, Math.abs((double) official[i]));
    }
    GoldenLedger.compared(
        name, new GoldenLedger.Comparison(what, worst, relative(worst, magnitude), tolerance));
    return worst;
  }

  private static double relative(double difference, double magnitude) {
    return magnitude == 0 ? difference : difference / magnitude;
  }

  private Entry entryOf(String tensor) {
    Entry entry = entries.get(tensor);
    if (entry == null) {
      throw new IllegalArgumentException("no tensor \"%s\" in %s".formatted(tensor, file));
    }
    return entry;
  }

  private ByteBuffer slice(Entry entry) {
    return bytes.slice(
        Math.toIntExact(entry.begin()), Math.toIntExact(entry.end() - entry.begin()));
  }

  @Override
  public void close() {
    manager.ifPresent(NDManager::close);
  }
}
