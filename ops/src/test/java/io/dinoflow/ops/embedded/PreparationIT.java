package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dinoflow.ops.ConfigProblemsException;
import io.dinoflow.ops.Home;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Preparation;
import io.dinoflow.ops.Profile;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Services that nobody prepared yet, as a deployment has them. */
class PreparationIT {
  @TempDir private Path folder;
  private final List<String> said = new ArrayList<>();

  @Test
  void makesTablesBucketAndSearchAttributesOnce() throws Exception {
    try (Temporal temporal = Temporal.with(new Home(folder), Map.of());
        Services services = Services.open(config(temporal.address()))) {
      Preparation.apply(services, said::add);
      assertThat(said)
          .anyMatch(line -> line.matches("postgres +[1-9][0-9]* migrations applied"))
          .anyMatch(line -> line.contains("registered: Dataset, DinoRun"))
          .anyMatch(line -> line.contains("schedules of maintenance made"));
      assertThat(services.lineage().run(new io.dinoflow.model.artifact.RunId("none"))).isEmpty();
      assertThat(services.objects().putIfAbsent("a", new byte[] {1})).isNotNull();
      said.clear();

      Preparation.apply(services, said::add);

      assertThat(said)
          .anyMatch(line -> line.matches("postgres +0 migrations applied"))
          .anyMatch(line -> line.contains("search attributes are there"))
          .anyMatch(line -> line.contains("schedules of maintenance are there"));
    }
  }

  @Test
  void refusesANamespaceThatUsesOurNamesForOtherThings() throws Exception {
    try (Temporal temporal = Temporal.with(new Home(folder), Map.of("TrainStep", "Keyword"));
        Services services = Services.open(config(temporal.address()))) {
      assertThatThrownBy(() -> Preparation.apply(services, said::add))
          .isInstanceOf(ConfigProblemsException.class)
          .hasMessageContaining("TrainStep");
    }
  }

  private OpsConfig config(String temporal) {
    TestServers.Address database = TestServers.emptyDatabase();
    TestServers.Bucket bucket = TestServers.bucket();
    return new OpsConfig(
        new Home(folder),
        new OpsConfig.Database(database.url(), database.user(), database.password()),
        new OpsConfig.ObjectStorage(
            bucket.endpoint(), bucket.name(), bucket.accessKey(), bucket.secretKey()),
        new OpsConfig.Temporal(temporal, "default"),
        Optional.empty(),
        Optional.empty(),
        Profile.EMBEDDED);
  }

  /** A real Temporal server; the in-memory one cannot list search attributes. */
  private record Temporal(Process process, String address) implements AutoCloseable {
    static Temporal with(Home home, Map<String, String> attributes) throws Exception {
      Programs programs = new Programs(System.getenv());
      Path cached = new TemporalProgram(programs, TemporalProgram.PUBLISHER, word -> {}).cached();
      Path program = programs.onPath("temporal").orElse(cached);
      assumeTrue(
          Files.isExecutable(program),
          "no temporal program on PATH or at " + cached + ": `bash .ci/run` obtains it");
      Ports ports = new Ports(home.folder(), word -> {});
      TemporalServer.Addresses where =
          new TemporalServer.Addresses(ports.any(), ports.any(), ports.any(), ports.any());
      Process process =
          new ProcessBuilder(TemporalServer.command(program, home, where, attributes))
              .redirectErrorStream(true)
              .redirectOutput(home.folder().resolve("temporal.log").toFile())
              .start();
      Temporal started = new Temporal(process, where.frontend());
      try {
        TemporalServer.awaitReady(where.frontend());
        return started;
      } catch (Exception e) {
        started.close();
        throw e;
      }
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().join();
    }
  }
}
