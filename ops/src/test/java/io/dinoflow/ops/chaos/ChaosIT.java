package io.dinoflow.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every fault of the first deck, on real servers; minutes, so only with {@code -Pchaos}. */
@Tag("chaos")
class ChaosIT {
  private static final int KILLS = 20;

  @TempDir Path folder;

  @Test
  void keepsEveryPromiseWhileTwentyProcessesAreKilled() throws Exception {
    List<String> said = new ArrayList<>();
    Chaos.Plan plan = new Chaos.Plan(1, KILLS, Duration.ofHours(1), folder);

    ChaosResult result = new Chaos(plan, Map.copyOf(System.getenv()), said::add).run();

    assertThat(result.findings()).as(String.join("\n", said)).isEmpty();
    assertThat(result.kills()).isGreaterThanOrEqualTo(KILLS);
    assertThat(result.attemptsThatDied()).isPositive();
    assertThat(result.commits()).isGreaterThan(KILLS);
  }
}
