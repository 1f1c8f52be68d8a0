package io.dinoflow.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.storage.lineage.SyntheticGraph;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineageBenchTest {
  @Test
  void makesAtLeastWhatWasAskedFor() {
    SyntheticGraph graph = new LineageBench(1_000_000, 5_000_000, 1000, 1).graph();
    assertThat(graph.edgesPerArtifact()).isEqualTo(5);
    assertThat(graph.artifacts()).isGreaterThanOrEqualTo(1_000_000).isLessThan(1_010_000);
    assertThat(graph.families() * 5L * 10 * 199).isGreaterThanOrEqualTo(5_000_000);

    assertThat(new LineageBench(1, 1, 5, 1).graph()).isEqualTo(new SyntheticGraph(1, 1));
    assertThat(new LineageBench(2_001, 2_001, 5, 1).graph().families()).isEqualTo(2);
  }

  @Test
  void refusesWhatCannotBeMade() {
    assertThatThrownBy(() -> new LineageBench(10, 51, 5, 1)).hasMessageContaining("5 edges");
    assertThatThrownBy(() -> new LineageBench(10, 10, 4, 1)).hasMessageContaining("starts");
  }

  @Test
  void aQuantileIsAValueThatWasMeasured() {
    double[] values = IntStream.rangeClosed(1, 100).mapToDouble(i -> 101 - i).toArray();
    assertThat(LineageBench.quantile(values, 0.95)).isEqualTo(95);
    assertThat(LineageBench.quantile(values, 0.5)).isEqualTo(50);
    assertThat(LineageBench.quantile(new double[] {7}, 0.95)).isEqualTo(7);
  }
}
