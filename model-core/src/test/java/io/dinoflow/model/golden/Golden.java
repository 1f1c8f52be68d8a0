package io.dinoflow.model.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.StateDict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One fixture made with the official implementation: tensors and the JSON that explains them. Where
 * the folder is absent the test is skipped by name.
 */
public final class Golden implements AutoCloseable {
  private final String name;
  private final JsonNode json;
  private final NDManager manager;
  private final StateDict tensors;

  private Golden(String name, JsonNode json, NDManager manager, StateDict tensors) {
    this.name = name;
    this.json = json;
    this.manager = manager;
    this.tensors = tensors;
  }

  /** Folder of the fixtures: system property {@code golden.dir}. */
  public static Path folder() {
    return Path.of(System.getProperty("golden.dir", "../shared/golden"));
  }

  public static JsonNode json(String name) {
    Path file = folder().resolve(name + ".json");
    assumeTrue(Files.exists(file), "golden " + name + " is absent: " + file);
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Opens a fixture and prepares this thread for kernels. */
  public static Golden open(String name) {
    JsonNode json = json(name);
    TorchKernels.prepareThread(2);
    NDManager manager = TorchKernels.manager().newSubManager();
    Path file = folder().resolve(json.path("file").asText(name + ".safetensors"));
    return new Golden(name, json, manager, Safetensors.read(file, manager));
  }

  public JsonNode json() {
    return json;
  }

  public NDManager manager() {
    return manager;
  }

  public StateDict tensors() {
    return tensors;
  }

  public NDArray tensor(String tensor) {
    return tensors.tensor(tensor);
  }

  public boolean has(String tensor) {
    return tensors.contains(tensor);
  }

  /** Tensors under a prefix, without it; empty if there are none. */
  public Map<String, NDArray> under(String prefix) {
    Map<String, NDArray> chosen = new LinkedHashMap<>();
    tensors.forEach(
        (n, t) -> {
          if (n.startsWith(prefix)) {
            chosen.put(n.substring(prefix.length()), t);
          }
        });
    return chosen;
  }

  public double tolerance() {
    return json.path("tolerance_abs").asDouble();
  }

  /** Largest absolute difference; fails above the tolerance or on another shape. */
  public double compare(String what, NDArray ours, NDArray official, double tolerance) {
    assertThat(ours.getShape().size()).as(name + " " + what).isEqualTo(official.getShape().size());
    float[] a = ours.toFloatArray();
    float[] b = official.toFloatArray();
    double worst = 0;
    for (int i = 0; i < a.length; i++) {
      assertThat(a[i]).as(name + " " + what).isFinite();
      worst = Math.max(worst, Math.abs((double) a[i] - b[i]));
    }
    assertThat(worst).as(name + " " + what + ": largest difference").isLessThanOrEqualTo(tolerance);
    return worst;
  }

  /** {@link #compare} with a small share of outliers allowed up to a higher limit. */
  public double compareMostly(
      String what, NDArray ours, NDArray official, double tolerance, double outlier, double share) {
    float[] a = ours.toFloatArray();
    float[] b = official.toFloatArray();
    assertThat(a.length).as(name + " " + what).isEqualTo(b.length);
    double worst = 0;
    int over = 0;
    for (int i = 0; i < a.length; i++) {
      double d = Math.abs((double) a[i] - b[i]);
      assertThat(d).as(name + " " + what).isLessThanOrEqualTo(outlier);
      worst = Math.max(worst, d);
      over += d > tolerance ? 1 : 0;
    }
    assertThat((double) over / a.length)
        .as(name + " " + what + ": share over " + tolerance)
        .isLessThanOrEqualTo(share);
    return worst;
  }

  @Override
  public void close() {
    manager.close();
  }
}
