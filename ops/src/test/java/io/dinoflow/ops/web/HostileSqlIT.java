package io.dinoflow.ops.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.ops.Listener;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.report.StoredFacts;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.testing.TestServers;
import io.javalin.http.HandlerType;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same names and encodings against a real database, which takes no NUL and executes SQL. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class HostileSqlIT {
  private Database database;
  private Services services;
  private PageServer server;

  @BeforeEach
  void start() {
    TestServers.Address where = TestServers.emptyDatabase();
    database = where.open();
    io.dinoflow.migrations.Migrations.apply(database.dataSource());
    services =
        Services.open(
            OpsConfig.of(
                Map.of(
                    "DINOFLOW_DB_URL", where.url(),
                    "DINOFLOW_DB_USER", where.user(),
                    "DINOFLOW_DB_PASSWORD", where.password(),
                    "DINOFLOW_S3_ENDPOINT", "http://127.0.0.1:9",
                    "DINOFLOW_S3_BUCKET", "none",
                    "DINOFLOW_S3_ACCESS_KEY", "none-at-all",
                    "DINOFLOW_S3_SECRET_KEY", "none-at-all",
                    "TEMPORAL_ADDRESS", "127.0.0.1:9")));
    Pages pages =
        new Pages(
            new StoredFacts(services),
            run -> Optional.empty(),
            new FakeSchedules(),
            Optional.of("http://t/w/"),
            Clock.systemUTC());
    server = PageServer.start(Listener.onLoopback(0), pages, new Watched(() -> "", List.of()));
  }

  @AfterEach
  void stop() {
    server.close();
    services.close();
    database.close();
  }

  @Test
  void nothingThatIsAskedReachesTheDatabaseAsAnythingButAValue() throws Exception {
    RawHttp http = new RawHttp(server.url());
    List<String> before = tables();
    int sent = 0;
    for (Route route : server.routes()) {
      if (route.method() == HandlerType.GET) {
        for (String target : HostileInputTest.targets(route)) {
          for (String value : HostileInputTest.values()) {
            RawHttp.Answer answer = http.send("GET", target.replace("@", value));
            assertThat(answer.status())
                .as(Shortened.text(target.replace("@", value)) + answer.body())
                .isBetween(200, 499);
            assertThat(answer.body()).doesNotContain("PSQLException", "org.postgresql");
            sent++;
          }
        }
      }
    }
    assertThat(sent).isGreaterThan(500);
    assertThat(tables()).isEqualTo(before).contains("artifact", "firing");
    assertThat(http.send("GET", "/runs").status()).as("it still answers").isEqualTo(200);
  }

  private List<String> tables() {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1")
                .mapTo(String.class)
                .list());
  }
}
