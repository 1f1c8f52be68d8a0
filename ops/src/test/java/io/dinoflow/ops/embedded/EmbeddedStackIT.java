package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dinoflow.ops.Home;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedStackIT {
  private static final Duration LONGEST = Duration.ofMinutes(2);

  @TempDir Path folder;
  private final List<String> said = new CopyOnWriteArrayList<>();

  @AfterEach
  void stopEverything() throws Exception {
    stack().down(said::add);
  }

  @Test
  void keepsItsDataAndLeavesNoOrphanWhenTheSupervisorIsKilled() throws Exception {
    OpsConfig config = stack().ensureUp(said::add);
    try (Services services = Services.open(config);
        Connection connection = services.database().dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create table kept(value int)");
      statement.execute("insert into kept values (42)");
    }
    StackState before = stack().livingState().orElseThrow();
    assertThat(before.children())
        .extracting(ProcessId::name)
        .containsExactlyInAnyOrder(
            "postgres", "objects", "temporal", "worker-control", "worker-train", "worker-compute");

    ProcessHandle supervisor = before.supervisor().alive().orElseThrow();
    supervisor.destroyForcibly();
    supervisor.onExit().get(2, TimeUnit.MINUTES);
    OpsConfig again = stack().ensureUp(said::add);

    List<ProcessId> family = new ArrayList<>(before.children());
    family.add(before.supervisor());
    await()
        .atMost(LONGEST)
        .untilAsserted(
            () -> assertThat(family).allSatisfy(child -> assertThat(child.alive()).isEmpty()));
    try (Services services = Services.open(again);
        Connection connection = services.database().dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select value from kept")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getInt(1)).isEqualTo(42);
    }

    StackState after = stack().livingState().orElseThrow();
    stack().down(said::add);
    assertThat(after.children()).allSatisfy(child -> assertThat(child.alive()).isEmpty());
    assertThat(stack().running()).isEmpty();
  }

  @Test
  void choosesOtherPortsWhereTheCustomaryOnesAreTaken() throws Exception {
    // where another program has one of them, it may also let it go: that one is not looked at
    Optional<ServerSocket> database = take(15432);
    Optional<ServerSocket> temporal = take(7233);
    assumeTrue(
        database.isPresent() || temporal.isPresent(),
        "other programs use the ports 15432 and 7233: end them");
    try {
      OpsConfig config = stack().ensureUp(said::add);

      if (database.isPresent()) {
        assertThat(config.database().url()).doesNotContain(":15432/");
        assertThat(said).anyMatch(line -> line.contains("port 15432 is in use: PostgreSQL takes"));
      }
      if (temporal.isPresent()) {
        assertThat(config.temporal().address()).doesNotEndWith(":7233");
        assertThat(said).anyMatch(line -> line.contains("port 7233 is in use: Temporal takes"));
      }
    } finally {
      if (database.isPresent()) {
        database.get().close();
      }
      if (temporal.isPresent()) {
        temporal.get().close();
      }
    }
  }

  @Test
  void restartsAWorkerWhoseNativeCodeCrashedAndAttachesToWhatRuns() throws Exception {
    OpsConfig config = stack().ensureUp(said::add);
    assertThat(page(config, "/runs")).contains("Nothing has run in this home yet");
    ProcessId worker = child("worker-train").orElseThrow();
    // a JVM that only just begins has nobody yet who would write of its crash
    await()
        .atMost(LONGEST)
        .until(() -> Files.readString(folder.resolve("logs/worker-train.log")).contains("polls"));

    new ProcessBuilder("kill", "-SEGV", String.valueOf(worker.pid())).start().waitFor();

    await()
        .atMost(LONGEST)
        .untilAsserted(
            () -> assertThat(child("worker-train")).isPresent().get().isNotEqualTo(worker));
    assertThat(folder.resolve("logs/worker-train-crash-%d.log".formatted(worker.pid())))
        .content()
        .contains("SIGSEGV");
    int lines = said.size();
    assertThat(stack().ensureUp(said::add)).isEqualTo(config);
    assertThat(said).hasSize(lines);
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("credentials.json"))))
        .isEqualTo("rw-------");
    assertThat(Files.readString(folder.resolve("state.json")))
        .doesNotContain(config.objects().secretKey());
  }

  private Optional<ProcessId> child(String name) {
    return stack().livingState().orElseThrow().children().stream()
        .filter(child -> child.name().equals(name))
        .findFirst();
  }

  private static String page(OpsConfig config, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(config.pageUrl().orElseThrow() + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private Stack stack() {
    return Stack.of(new Home(folder), Map.copyOf(System.getenv()));
  }

  private static Optional<ServerSocket> take(int port) {
    try {
      return Optional.of(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
    } catch (java.io.IOException taken) {
      return Optional.empty();
    }
  }
}
