package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which process is the postmaster that wrote a pid file; this one stands for it. */
class PostmasterFileTest {
  private static final ProcessHandle SELF = ProcessHandle.current();
  private static final Instant BEGAN = SELF.info().startInstant().orElseThrow();

  @TempDir Path data;

  @Test
  void isTheOneThatHasItsNumberHoweverLongItTookToWriteIt() throws Exception {
    for (Duration later : new Duration[] {Duration.ZERO, Duration.ofMinutes(2)}) {
      written(SELF.pid(), BEGAN.plus(later));

      assertThat(server().id()).contains(ProcessId.of(PostgresServer.NAME, SELF));
    }
  }

  @Test
  void isNotAStrangerThatGotItsNumberAfterwards() throws Exception {
    written(SELF.pid(), BEGAN.minus(Duration.ofMinutes(2)));

    assertThat(server().id()).isEmpty();
  }

  @Test
  void isNobodyWhereItHasNotWrittenAllOfItYet() throws Exception {
    assertThat(server().id()).isEmpty();
    Files.writeString(data.resolve("postmaster.pid"), SELF.pid() + "\n");

    assertThat(server().id()).isEmpty();
  }

  private void written(long pid, Instant at) throws IOException {
    Files.writeString(
        data.resolve("postmaster.pid"),
        "%d\n%s\n%d\n15432\n".formatted(pid, data, at.getEpochSecond()));
  }

  private PostgresServer server() {
    return new PostgresServer(
        data, data, data.resolve("postgres.log"), 15432, event -> {}, () -> {});
  }
}
