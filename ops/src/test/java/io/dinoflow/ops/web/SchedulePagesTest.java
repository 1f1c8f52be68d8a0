package io.dinoflow.ops.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.report.DemoRun;
import io.dinoflow.ops.report.FakeFacts;
import io.dinoflow.storage.registry.Firing;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What will run, and why it did or did not. */
class SchedulePagesTest {
  private static final Instant NOW = DemoRun.CLOCK.instant();
  private static final RunId RUN = new RunId("nightly-20260301T030000Z");

  private final HttpClient client = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final FakeFacts facts = new FakeFacts();
  private final FakeSchedules schedules = new FakeSchedules();
  private Optional<PageServer> server = Optional.empty();

  @AfterEach
  void stop() {
    server.ifPresent(PageServer::close);
  }

  @Test
  void saysWhenEachFiresNextAndWhatItDecidedLast() throws Exception {
    story("nightly", false, "");
    story("weekly", true, "the disk is full");
    recorded(
        "nightly", RUN, Firing.Outcome.REFUSED, "knn10.top1 is worse", Map.of("knn10.top1", 0.4));
    open();

    assertThat(get("/schedules").body())
        .contains("href=\"/schedules/nightly\"", "in 2 h 00 min", "every 2h")
        .contains("refused", "knn10.top1 is worse", "href=\"/runs/" + RUN + "\"")
        .contains("paused", "the disk is full", "none is recorded");
    JsonNode twin = json.readTree(get("/schedules.json").body());
    assertThat(twin.at("/schedules/0/last/numbers/knn10.top1").asDouble()).isEqualTo(0.4);
    assertThat(twin.at("/schedules/1/state").asText()).isEqualTo("paused");
    assertThat(twin.at("/schedules/1/next")).isEmpty();
  }

  @Test
  void tellsEachFiringWithItsNumbersItsRunAndItsWorkflow() throws Exception {
    story("nightly", false, "");
    recorded(
        "nightly", RUN, Firing.Outcome.REFUSED, "knn10.top1 is worse", Map.of("knn10.top1", 0.4));
    open();

    assertThat(get("/schedules/nightly").body())
        .contains("knn10.top1</span> 0.4000", "href=\"/runs/" + RUN + "\"")
        .contains("href=\"http://t/w/retrain%2F" + RUN + "\"")
        .contains("fired</dt><dd>7 times; 2 more were skipped");
    assertThat(json.readTree(get("/schedules/nightly.json").body()).at("/firings")).hasSize(1);
    assertThat(
            json.readTree(get("/api/v1/schedules/nightly").body()).at("/schedule/state").asText())
        .isEqualTo("active");
  }

  @Test
  void showsWhatIsRecordedWhereTemporalIsDownAndSaysSo() throws Exception {
    story("nightly", false, "");
    story("plain", false, "");
    recorded("nightly", RUN, Firing.Outcome.PROMOTED, "better", Map.of());
    schedules.silence("Temporal does not answer");
    open();

    assertThat(get("/schedules").body())
        .contains("Temporal does not answer: what is shown was recorded")
        .contains("nightly", "unknown", "promoted")
        .doesNotContain("plain");
    assertThat(get("/schedules/nightly").body())
        .contains("Temporal does not answer: the firings are those that were recorded", "better");
    HttpResponse<String> nothing = get("/schedules/plain");
    assertThat(nothing.statusCode()).isEqualTo(503);
    assertThat(nothing.body()).contains("Temporal does not answer, and nothing is recorded");
    assertThat(json.readTree(get("/api/v1/schedules").body()).at("/notice").asText()).isNotEmpty();
  }

  @Test
  void tellsADeletedOneFromOneThatNeverWas() throws Exception {
    recorded("nightly", RUN, Firing.Outcome.PROMOTED, "better", Map.of());
    open();

    assertThat(get("/schedules").body()).contains("deleted");
    assertThat(get("/schedules/nightly").body()).contains("no schedule of this name any more");
    assertThat(get("/schedules/weekly").statusCode()).isEqualTo(404);
  }

  @Test
  void waitsForTemporalNoLongerThanAReaderWould() {
    CountDownLatch never = new CountDownLatch(1);
    try (AskedSchedules asked =
        new AskedSchedules(
            () -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              throw new IllegalStateException("interrupted");
            },
            Duration.ofMillis(20))) {
      for (int i = 0; i < 20; i++) {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(asked::list))
            .isInstanceOf(LiveSchedules.NoAnswerException.class)
            .hasMessageContaining("Temporal");
      }
    }
  }

  private void story(String name, boolean paused, String note) {
    schedules.put(
        new Schedules.Story(
            new Schedules.Summary(
                name, "demo", "every 2h", paused, note, List.of(NOW.plus(Duration.ofHours(2)))),
            7,
            2,
            0,
            List.of()));
  }

  private void recorded(
      String schedule, RunId run, Firing.Outcome outcome, String why, Map<String, Double> numbers) {
    facts.put(
        new Firing(
            "retrain/" + run,
            schedule,
            NOW.minus(Duration.ofHours(3)),
            run,
            outcome,
            why,
            Optional.empty(),
            numbers,
            Optional.of(NOW.minus(Duration.ofHours(3)))));
  }

  private void open() {
    server =
        Optional.of(
            PageServer.start(
                0,
                facts,
                run -> Optional.empty(),
                schedules,
                Optional.of("http://t/w/"),
                DemoRun.CLOCK));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(server.orElseThrow().url() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
