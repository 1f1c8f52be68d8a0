package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir Path folder;
  private final List<String> events = new CopyOnWriteArrayList<>();
  private PostgresServer server;
  private int port;

  @BeforeEach
  void start() throws Exception {
    port = new Ports(folder, line -> {}).any();
    server =
        new PostgresServer(
            folder.resolve("data"),
            new Programs(Map.copyOf(System.getenv())).cache().resolve("postgres"),
            folder.resolve("postgres.log"),
            port,
            events::add,
            () -> {});
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
    assertThat(server.id()).isEmpty();
  }

  @Test
  void isStartedAgainOnTheSamePortHoweverOftenItIsKilled() throws Exception {
    for (int i = 0; i < 3; i++) {
      ProcessId killed = server.id().orElseThrow();
      killed.alive().orElseThrow().destroyForcibly();

      await()
          .atMost(LIMIT)
          .until(
              () ->
                  server.id().filter(id -> !id.equals(killed)).isPresent() && Ports.answers(port));
    }
  }

  @Test
  void isStartedAgainAlsoWhenTheFirstTriesFail() throws Exception {
    Path file = folder.resolve("data/postgresql.conf");
    String settings = Files.readString(file);
    Files.writeString(file, settings + "\nno_such_setting = on\n");

    ProcessId killed = server.id().orElseThrow();
    killed.alive().orElseThrow().destroyForcibly();
    await()
        .atMost(LIMIT)
        .until(() -> events.stream().anyMatch(e -> e.contains("cannot be started again")));
    Files.writeString(file, settings);

    await().atMost(LIMIT).until(() -> server.id().filter(id -> !id.equals(killed)).isPresent());
  }
}
