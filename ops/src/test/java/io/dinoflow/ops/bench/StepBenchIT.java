package io.dinoflow.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The measured process is the product's trainer, and equal processes train equally. */
class StepBenchIT {
  private static final int STEPS = 20;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void twoProcessesHaveEqualWeightsAfterTwentySteps(StepSetting.Precision precision)
      throws IOException {
    Map<String, String> before;
    Map<String, String> first;
    try (StepChild child = bench(precision).ours(Files.createDirectory(folder.resolve("a")))) {
      before = child.digest();
      first = trained(child);
    }
    Map<String, String> second;
    try (StepChild child = bench(precision).ours(Files.createDirectory(folder.resolve("b")))) {
      second = trained(child);
    }

    assertThat(first).containsKeys("student.safetensors", "optimizer.safetensors");
    assertThat(second).isEqualTo(first);
    before.forEach((file, digest) -> assertThat(first.get(file)).as(file).isNotEqualTo(digest));
  }

  @ParameterizedTest
  @EnumSource
  void activationCheckpointingTrainsTheSameWeights(StepSetting.Precision precision)
      throws IOException {
    StepSetting recomputing = setting(precision).keeping(StepSetting.Kept.inputs);
    List<Measurement> rows = new StepBench(recomputing, STEPS).runTwice(folder, line -> {});

    assertThat(rows).extracting(Measurement::metric).doesNotHaveDuplicates();
    assertThat(rows)
        .filteredOn(row -> row.metric().equals("differing_files"))
        .singleElement()
        .satisfies(row -> assertThat(row.value()).isZero());
    assertThat(rows)
        .filteredOn(row -> row.metric().equals("peak_above_loaded"))
        .singleElement()
        .satisfies(row -> assertThat(row.value()).isPositive());
  }

  @Test
  void theReferenceComputesTheSameLoss() throws Exception {
    List<Measurement> rows =
        new StepBench(setting(StepSetting.Precision.fp32), 2).run(python(), folder, line -> {});

    assertThat(rows)
        .extracting(Measurement::metric)
        .contains("step_time", "step_cpu_time", "peak_memory", "torch_backward");
    assertThat(rows).allSatisfy(row -> assertThat(row.value()).isGreaterThan(0));
  }

  @Test
  void aReferenceOfAnotherLossIsRefused() throws Exception {
    Path scripts = folder.resolve("python");
    Files.writeString(
        scripts,
        """
        #!/bin/sh
        [ "$1" = -c ] && exit 0
        echo '{"ready": "other 1.0"}'
        while read -r line; do
          echo '{"loss": 1.5, "seconds": 1, "cpuSeconds": 1, "peakBytes": 1, "residentBytes": 1}'
        done
        """);
    assertThat(scripts.toFile().setExecutable(true)).isTrue();
    Python other = Python.with(List.of("torch"), Map.of(Python.VARIABLE, scripts.toString()));

    assertThatThrownBy(
            () ->
                new StepBench(setting(StepSetting.Precision.fp32), 2)
                    .run(other, folder, line -> {}))
        .isInstanceOf(StepBench.DifferentLossException.class)
        .hasMessageContaining("1.500000");
  }

  @Test
  void aProcessThatEndsSaysWhy() {
    assertThatIOException()
        .isThrownBy(
            () ->
                StepChild.start(
                    List.of("sh", "-c", "echo no memory is left >&2; exit 3"),
                    Map.of(),
                    folder.resolve("complaints")))
        .withMessageContaining("no memory is left");
  }

  @Test
  void aMissingPythonIsSaid() {
    assertThatThrownBy(
            () -> Python.with(List.of("torch"), Map.of(Python.VARIABLE, "no-such-python")))
        .isInstanceOf(Python.MissingException.class)
        .hasMessage("no-such-python cannot import torch");
  }

  private static Map<String, String> trained(StepChild child) throws IOException {
    for (int i = 0; i < STEPS; i++) {
      child.step();
    }
    return child.digest();
  }

  private static StepBench bench(StepSetting.Precision precision) {
    return new StepBench(setting(precision), STEPS);
  }

  private static StepSetting setting(StepSetting.Precision precision) {
    return new StepSetting(precision, StepSetting.Width.tiny, "cpu", 2, StepSetting.Kept.all);
  }

  private static Python python() {
    try {
      return Python.with(List.of("torch", "safetensors"), System.getenv());
    } catch (Python.MissingException e) {
      return abort(e.getMessage() + ": pip install torch transformers safetensors");
    }
  }
}
