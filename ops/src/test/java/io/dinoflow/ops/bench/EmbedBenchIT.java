package io.dinoflow.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import io.dinoflow.model.recipe.ComputeRecipe.NumberFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The measured process is the product's embedder, and what it is held against embeds equally. */
class EmbedBenchIT {
  @TempDir private Path folder;

  @Test
  void measuresOursInAProcessOfItsOwn() throws Exception {
    List<String> heard = new ArrayList<>();
    List<Measurement> measured = bench(NumberFormat.bf16).run(folder, heard::add);

    assertThat(measured)
        .extracting(Measurement::metric)
        .containsExactly(
            "pictures_per_second", "pictures_per_cpu_second", "data_wait_share", "peak_memory");
    assertThat(measured)
        .allMatch(m -> m.value() > 0 && m.ratio() == 1 && m.bench().equals("embed"));
    assertThat(heard).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource
  void transformersMakesTheSameFeaturesAndTakesTurns(NumberFormat precision) throws Exception {
    List<Measurement> measured = bench(precision).run(python(), folder, text -> {});

    assertThat(measured)
        .extracting(Measurement::metric)
        .containsExactly(
            "pictures_per_second",
            "pictures_per_cpu_second",
            "data_wait_share",
            "transformers_data_wait_share",
            "peak_memory");
    assertThat(measured).allMatch(m -> m.value() > 0 && m.ratio() > 0);
    assertThat(measured.get(0).against()).startsWith("transformers");
  }

  @Test
  void otherFeaturesAreRefused() throws Exception {
    Path other = folder.resolve("other");
    EmbedSetting setting = new EmbedSetting(NumberFormat.fp32, EmbedSetting.Width.tiny, 1);
    EmbedCase.write(setting, Files.createDirectories(other));
    Path program = folder.resolve("python");
    Files.writeString(
        program,
        """
        #!/bin/sh
        [ "$1" = -c ] && exit 0
        echo '{"ready": "other 1.0"}'
        while read -r command file; do
          cp '%s' "$file"
          echo '{"rows": 64, "seconds": 1, "cpuSeconds": 1, "waitSeconds": 0}'
        done
        """
            .formatted(EmbedCase.model(other).resolve("model.safetensors")));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Python python = Python.with(List.of("torch"), Map.of(Python.VARIABLE, program.toString()));

    assertThatThrownBy(() -> bench(NumberFormat.fp32).run(python, folder, text -> {}))
        .isInstanceOf(EmbedBench.DifferentFeaturesException.class)
        .hasMessageContaining("at most 1e-04 are allowed");
  }

  private static EmbedBench bench(NumberFormat precision) {
    return new EmbedBench(new EmbedSetting(precision, EmbedSetting.Width.tiny, 2), 2);
  }

  private static Python python() {
    try {
      return Python.with(
          List.of("torch", "torchvision", "transformers", "safetensors"), System.getenv());
    } catch (Python.MissingException e) {
      return abort(
          e.getMessage()
              + ": pip install torch torchvision transformers safetensors, or set "
              + Python.VARIABLE);
    }
  }
}
