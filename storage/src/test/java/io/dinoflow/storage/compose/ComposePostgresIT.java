package io.dinoflow.storage.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.migrations.Migrations;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunOpening;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** The tables, twice, and a run in them on the PostgreSQL of {@code docker-compose.yml}. */
class ComposePostgresIT {
  private static final int PORT = 5432;

  @Test
  void takesTheTablesAndKeepsARun() throws Exception {
    try (GenericContainer<?> server =
        ComposeService.container("postgres")
            .withEnv("POSTGRES_USER", "dinoflow")
            .withEnv("POSTGRES_PASSWORD", "test-secret-123")
            .withEnv("POSTGRES_DB", "dinoflow")
            .withExposedPorts(PORT)
            // once while it makes its files, once for good
            .waitingFor(Wait.forLogMessage(".*ready to accept connections.*", 2))) {
      server.start();
      String url =
          "jdbc:postgresql://%s:%d/dinoflow"
              .formatted(server.getHost(), server.getMappedPort(PORT));
      try (Database database = Database.open(url, "dinoflow", "test-secret-123", 4)) {
        Migrations.apply(database.dataSource());
        Migrations.apply(database.dataSource());
        LineageStore lineage = new LineageStore(database);
        RunId run = new RunId("demo-1");
        assertThat(lineage.openRun(run, "demo", Sha256.ofText("recipe"), "{}").outcome())
            .isNotEqualTo(RunOpening.Outcome.CONFLICT);
        assertThat(lineage.run(run)).isPresent();
      }
    }
  }
}
