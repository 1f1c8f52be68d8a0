package io.dinoflow.ops.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.ops.testing.Installation;
import io.dinoflow.ops.testing.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The schedule commands at a terminal, on everything that is real; nothing is trained. */
class ScheduleCommandsIT {
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final ZoneId ZONE = ZoneId.of("Asia/Tokyo");
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Twelve hours from now, so that the clock fires nothing meanwhile; a zone without summer time.
   */
  private final ZonedDateTime due =
      ZonedDateTime.now(ZONE).plusHours(12).truncatedTo(ChronoUnit.HOURS);

  private final String cron = "0 %d * * *".formatted(due.getHour());

  @TempDir Path home;

  @Test
  void makesPausesBackfillsAndForgetsASchedule() throws Exception {
    try (Installation installation = Installation.in(home)) {
      assertThat(installation.services().lineage().runs(10)).isEmpty();
      creates();
      tellsWhatServesAndWhatIsNext();
      pausesAndResumes();
      backfills();
      decidesNothingThatNobodyAsked();

      assertThat(dinoflow(0, "schedule", "delete", "nightly"))
          .isEqualTo("schedule nightly: deleted; its runs stay\n");
      assertThat(dinoflow(3, "why", "nightly")).contains("nightly");
      assertThat(installation.services().lineage().runs(10)).isEmpty();
    }
  }

  private void creates() throws Exception {
    assertThat(
            dinoflow(
                0,
                "schedule",
                "create",
                "nightly",
                "--recipe",
                "tiny",
                "--data",
                "dataset:birds",
                "--cron",
                cron,
                "--time-zone",
                ZONE.getId(),
                "--jitter",
                "10m"))
        .isEqualTo(
            "schedule nightly fires cron \"%s\" Asia/Tokyo; `dinoflow why nightly` says what it did and will do\n"
                .formatted(cron));
    assertThat(
            dinoflow(
                0,
                "schedule",
                "create",
                "weekly",
                "--recipe",
                "tiny",
                "--dataset",
                "shapes",
                "--every",
                "40000d",
                "--from",
                "champion"))
        .matches(
            "schedule weekly fires every 40000d; gate of [a-z]+: knn\\d+\\.top1 >= champion; goes on from the champion of weekly; .*\n");
    JsonNode made =
        JSON.readTree(
            dinoflow(
                0,
                "schedule",
                "create",
                "c",
                "--recipe",
                "tiny",
                "--every",
                "40000d90m",
                "--json"));
    assertThat(made.path("schedule").asText()).isEqualTo("c");
    assertThat(made.path("answer").asText()).isEqualTo("created");
    assertThat(made.path("when").asText()).isEqualTo("every 40000d1h30m");

    assertThat(dinoflow(5, "schedule", "create", "c", "--recipe", "tiny", "--every", "1h"))
        .contains("error: schedule c cannot be made", "there is one of this name already");
    assertThat(dinoflow(2, "schedule", "create", "d", "--recipe", "tiny", "--cron", "at dawn"))
        .contains("error: schedule d is refused");
  }

  private void tellsWhatServesAndWhatIsNext() {
    assertThat(dinoflow(0, "why", "nightly"))
        .contains(
            "schedule nightly   recipe tiny   cron \"%s\" Asia/Tokyo   active".formatted(cron))
        .containsPattern("next  %s:0\\d:\\d\\dZ".formatted(inUtc(due)))
        .contains("fired 0 times");
  }

  /** The hour, as far as a line of {@code why} shows it. */
  private static String inUtc(ZonedDateTime hour) {
    return DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH", Locale.ROOT)
        .format(hour.withZoneSameInstant(ZoneOffset.UTC));
  }

  private void pausesAndResumes() throws Exception {
    assertThat(dinoflow(0, "schedule", "pause", "nightly", "--reason", "holidays"))
        .isEqualTo("schedule nightly: paused; a run that goes on goes on\n");
    assertThat(dinoflow(0, "why", "nightly"))
        .contains("Asia/Tokyo   paused", "why: holidays", "schedule resume nightly")
        .doesNotContain("next  ");
    await()
        .atMost(LONGEST)
        .untilAsserted(
            () ->
                assertThat(dinoflow(0, "schedule", "list"))
                    .containsPattern("nightly +tiny +paused +cron .* holidays")
                    .containsPattern("weekly +tiny +active +every 40000d"));
    assertThat(dinoflow(0, "schedule", "resume", "nightly"))
        .isEqualTo("schedule nightly: fires again\n");
    assertThat(dinoflow(3, "schedule", "pause", "nobody")).contains("error: no schedule nobody");
  }

  /** Two nights of the past; the dataset has no version, so that no run is started. */
  private void backfills() throws Exception {
    Instant to = due.minusHours(18).toInstant();
    Instant from = to.minus(Duration.ofDays(2));
    assertThat(dinoflow(0, "schedule", "backfill", "nightly", "--from", "" + from, "--to", "" + to))
        .isEqualTo(
            "schedule nightly fires for %s to %s; `dinoflow why nightly` shows the decisions\n"
                .formatted(from, to));
    await()
        .atMost(LONGEST)
        .untilAsserted(
            () -> {
              JsonNode story = JSON.readTree(dinoflow(0, "why", "nightly", "--json"));
              assertThat(story.path("firings"))
                  .hasSize(2)
                  .allSatisfy(
                      firing ->
                          assertThat(firing.path("reason").asText())
                              .endsWith("dataset birds has no version yet"))
                  .allSatisfy(
                      firing -> assertThat(firing.path("state").asText()).isEqualTo("no run"));
            });
    assertThat(dinoflow(3, "schedule", "backfill", "nobody", "--from", "" + from, "--to", "" + to))
        .contains("error: no schedule nobody", "`dinoflow schedule list` lists them");
  }

  private void decidesNothingThatNobodyAsked() {
    assertThat(dinoflow(3, "schedule", "decide", "run-1", "--reject", "--why", "worse"))
        .contains("error: no schedule retrained with run run-1", "why: nothing was asked about it");
  }

  private String dinoflow(int code, String... arguments) {
    return new Terminal(home).dinoflow(code, arguments);
  }
}
