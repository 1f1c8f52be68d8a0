package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.tensor.HostValues;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.weights.StateDict;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A parameter's official name, shape and first value.
 *
 * @param shape dimensions, outermost first
 */
public record ParameterSpec(String name, List<Long> shape, Init init) {

  /** How a parameter begins. */
  public sealed interface Init {
    /** Normal with this deviation, cut at +-2: practically uncut for 0.02. */
    record Normal(double deviation) implements Init {}

    /** Uniform in +-limit. */
    record Uniform(double limit) implements Init {}

    /** The same value everywhere. */
    record Constant(double value) implements Init {}
  }

  public ParameterSpec {
    shape = List.copyOf(shape);
  }

  public static ParameterSpec normal(String name, double deviation, long... shape) {
    return new ParameterSpec(name, boxed(shape), new Init.Normal(deviation));
  }

  public static ParameterSpec uniform(String name, double limit, long... shape) {
    return new ParameterSpec(name, boxed(shape), new Init.Uniform(limit));
  }

  public static ParameterSpec constant(String name, double value, long... shape) {
    return new ParameterSpec(name, boxed(shape), new Init.Constant(value));
  }

  /** Number of values. */
  public long size() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** Fresh weights; each parameter draws from a stream named after it. */
  public static StateDict initialise(List<ParameterSpec> specs, NDManager manager, long seed) {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    for (ParameterSpec spec : specs) {
      long[] dims = spec.shape().stream().mapToLong(Long::longValue).toArray();
      weights.put(spec.name(), HostValues.tensor(manager, spec.values(seed), new Shape(dims)));
    }
    return new StateDict(weights);
  }

  /**
   * A file's parameters, strictly: every one must be there in its shape.
   *
   * @param file where they come from, for the message
   */
  public static StateDict strictly(List<ParameterSpec> specs, StateDict stored, Path file) {
    for (ParameterSpec spec : specs) {
      long[] expected = spec.shape().stream().mapToLong(Long::longValue).toArray();
      if (!Arrays.equals(stored.tensor(spec.name()).getShape().getShape(), expected)) {
        throw new IllegalArgumentException(
            "tensor \"%s\" of %s has shape %s, the recipe says %s"
                .formatted(spec.name(), file, stored.tensor(spec.name()).getShape(), spec.shape()));
      }
    }
    return stored.only(specs.stream().map(ParameterSpec::name).toList());
  }

  private float[] values(long seed) {
    float[] values = new float[Math.toIntExact(size())];
    SeededRandom random = SeededRandom.of(seed, Purpose.INIT, SeededRandom.coordinate(name));
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw(random);
    }
    return values;
  }

  private double draw(SeededRandom random) {
    if (init instanceof Init.Normal normal) {
      double x;
      do {
        x = normal.deviation() * random.nextGaussian();
      } while (Math.abs(x) > 2);
      return x;
    }
    if (init instanceof Init.Uniform uniform) {
      return random.nextDouble(-uniform.limit(), uniform.limit());
    }
    return ((Init.Constant) init).value();
  }

  private static List<Long> boxed(long[] shape) {
    return Arrays.stream(shape).boxed().toList();
  }
}
