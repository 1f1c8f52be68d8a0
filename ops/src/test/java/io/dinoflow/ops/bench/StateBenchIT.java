package io.dinoflow.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.dinoflow.ops.OpsConfig;
import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.testing.TestServers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateBenchIT {
  private static final StateBench BENCH = new StateBench(2, 2, 1, 1);

  @TempDir Path folder;

  @Test
  void measuresWhatACheckpointCosts() throws Exception {
    List<Measurement> measured =
        BENCH.checkpoint(Optional.empty(), Optional.empty(), folder, text -> {});
    assertThat(measured)
        .extracting(Measurement::metric)
        .containsExactly("stop_ms", "write_ms", "write_and_hash_ms", "hash_ms", "delay_per_cent");
    assertThat(measured).allMatch(m -> m.bench().equals("checkpoint"));
    assertThat(measured.subList(2, 4)).allMatch(m -> m.value() > 0);
    assertThat(measured.get(0).value()).isPositive();
    assertThat(measured.get(0).against()).startsWith("2 memory copies");
  }

  @Test
  void storesAndFetchesThroughS3InTurnsWithLocalFiles() throws Exception {
    TestServers.Bucket bucket = TestServers.bucket();
    try (ObjectStore objects = bucket.connect()) {
      Optional<OpsConfig.ObjectStorage> store =
          Optional.of(
              new OpsConfig.ObjectStorage(
                  bucket.endpoint(), bucket.name(), bucket.accessKey(), bucket.secretKey()));
      assertThat(
              BENCH.checkpoint(Optional.empty(), store, folder.resolve("checkpoint"), text -> {}))
          .filteredOn(m -> m.metric().equals("upload_ms"))
          .singleElement()
          .satisfies(m -> assertThat(m.value()).isPositive())
          .satisfies(m -> assertThat(m.against()).startsWith("a local file"));
      assertThat(BENCH.restore(Optional.empty(), store, folder.resolve("restore")))
          .extracting(Measurement::metric)
          .containsExactly("read_ms", "read_and_hash_ms", "hash_ms", "download_and_hash_ms");
      try (Stream<ObjectStore.Entry> left = objects.list("bench/")) {
        assertThat(left).isEmpty();
      }
    }
  }

  @Test
  void pythonReadsAndWritesTheSameTensorsInTurns() throws Exception {
    Optional<Python> python = Optional.of(python());
    assertThat(BENCH.checkpoint(python, Optional.empty(), folder.resolve("checkpoint"), text -> {}))
        .filteredOn(m -> m.metric().equals("write_and_hash_ms"))
        .allMatch(m -> m.ratio() > 0 && m.against().contains("safetensors"))
        .hasSize(1);
    assertThat(BENCH.restore(python, Optional.empty(), folder.resolve("restore")))
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
