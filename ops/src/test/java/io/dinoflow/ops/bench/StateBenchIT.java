package io.dinoflow.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateBenchIT {
  private static final StateBench BENCH = new StateBench(2, 2, 1, 1);

  @TempDir Path folder;

  @Test
  void measuresWhatACheckpointCosts() throws Exception {
    List<Measurement> measured = BENCH.checkpoint(Optional.empty(), folder, text -> {});
    assertThat(measured)
        .extracting(Measurement::metric)
        .containsExactly("stop_ms", "write_ms", "write_and_hash_ms", "hash_ms", "delay_per_cent");
    assertThat(measured).allMatch(m -> m.bench().equals("checkpoint"));
    assertThat(measured.subList(2, 4)).allMatch(m -> m.value() > 0);
    assertThat(measured.get(0).value()).isPositive();
    assertThat(measured.get(0).against()).startsWith("2 memory copies");
  }

  @Test
  void pythonReadsAndWritesTheSameTensorsInTurns() throws Exception {
    Optional<Python> python = Optional.of(python());
    assertThat(BENCH.checkpoint(python, folder.resolve("checkpoint"), text -> {}))
        .filteredOn(m -> m.metric().equals("write_and_hash_ms"))
        .allMatch(m -> m.ratio() > 0 && m.against().contains("safetensors"))
        .hasSize(1);
    assertThat(BENCH.restore(python, folder.resolve("restore")))
        .extracting(Measurement::metric)
        .containsExactly("read_ms", "read_and_hash_ms", "hash_ms");
  }

  private static Python python() {
    try {
      return Python.with(List.of("torch", "safetensors"), System.getenv());
    } catch (Python.MissingException e) {
      return abort(e.getMessage() + ": pip install torch safetensors, or set " + Python.VARIABLE);
    }
  }
}
