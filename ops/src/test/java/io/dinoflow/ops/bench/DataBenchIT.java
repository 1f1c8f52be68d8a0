package io.dinoflow.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataBenchIT {
  private static final List<String> METRICS =
      List.of("pictures_per_cpu_second", "pictures_per_second");

  @TempDir Path folder;

  @Test
  void measuresOursInAProcessOfItsOwn() throws Exception {
    List<String> heard = new ArrayList<>();
    List<Measurement> measured = new DataBench(2, 1).run(folder, heard::add);

    assertThat(measured).extracting(Measurement::metric).isEqualTo(METRICS);
    assertThat(measured).allMatch(m -> m.value() > 0 && m.ratio() == 1 && m.bench().equals("data"));
    assertThat(heard).hasSize(2);
  }

  @Test
  void torchvisionMakesTheSamePixelsAndTakesTurns() throws Exception {
    List<Measurement> measured = new DataBench(2, 1).run(python(), folder, text -> {});

    assertThat(measured).extracting(Measurement::metric).isEqualTo(METRICS);
    assertThat(measured)
        .allMatch(m -> m.value() > 0 && m.ratio() > 0 && m.against().startsWith("torchvision"));
  }

  private static Python python() {
    try {
      return Python.with(List.of("torch", "torchvision", "PIL"), System.getenv());
    } catch (Python.MissingException e) {
      return abort(e.getMessage() + ": pip install torch torchvision, or set " + Python.VARIABLE);
    }
  }
}
