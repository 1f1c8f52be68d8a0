package io.dinoflow.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.ops.OpsConfig;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.testing.TestServers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineageBenchIT {
  @Test
  void measuresWholeWalksAndLeavesNothingBehind() {
    TestServers.Address address = TestServers.emptyDatabase();
    List<String> heard = new ArrayList<>();
    List<Measurement> measured =
        new LineageBench(2_000, 6_000, 10, 7)
            .run(
                new OpsConfig.Database(address.url(), address.user(), address.password()),
                heard::add);

    assertThat(measured)
        .extracting(Measurement::metric)
        .containsExactly(
            "ancestors_p95_ms",
            "ancestors_p50_ms",
            "ancestors_mean",
            "descendants_p95_ms",
            "descendants_p50_ms",
            "descendants_mean");
    assertThat(measured).allMatch(m -> m.value() > 0 && m.bench().equals("lineage"));
    assertThat(measured.get(2).ratio()).isGreaterThan(0.3).isLessThanOrEqualTo(1);
    assertThat(heard).anyMatch(text -> text.contains("dropped at the end"));
    try (Database database = address.open()) {
      List<String> left =
          database.read(
              handle ->
                  handle
                      .createQuery(
                          "SELECT datname FROM pg_database WHERE datname LIKE 'dinoflow_scratch_%'")
                      .mapTo(String.class)
                      .list());
      assertThat(left).isEmpty();
    }
  }
}
