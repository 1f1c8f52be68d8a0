package io.dinoflow.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.storage.object.StoreUnavailableException;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CommitMetersTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @BeforeEach
  void listen() {
    Metrics.addRegistry(meters);
  }

  @AfterEach
  void forget() {
    Metrics.removeRegistry(meters);
  }

  @Test
  void countsACommitThatIsReal() {
    assertThat(CommitMeters.measured(() -> "made")).isEqualTo("made");

    assertThat(ended("committed")).isEqualTo(1);
  }

  @Test
  void tellsApartHowCommitsFailAndKeepsTheException() {
    List<RuntimeException> failures =
        List.of(
            new FencedException("older fence"),
            new CommitUnknownException("no answer", new RuntimeException()),
            new StoreUnavailableException("down", new RuntimeException()),
            new IllegalArgumentException("a bug"));
    for (RuntimeException failure : failures) {
      assertThatThrownBy(
              () ->
                  CommitMeters.measured(
                      () -> {
                        throw failure;
                      }))
          .isSameAs(failure);
    }

    assertThat(List.of("fenced", "unknown", "unavailable", "failed"))
        .allSatisfy(outcome -> assertThat(ended(outcome)).as(outcome).isEqualTo(1));
  }

  private long ended(String outcome) {
    return meters.get("dinoflow.checkpoint.commit").tag("outcome", outcome).timer().count();
  }
}
