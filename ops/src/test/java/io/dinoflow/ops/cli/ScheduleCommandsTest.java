package io.dinoflow.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a schedule command is said before anything is started or asked. */
class ScheduleCommandsTest {
  private static final String[] CREATE = {"schedule", "create", "nightly", "--recipe", "tiny"};

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path home = Path.of("");

  @BeforeEach
  void chooseAHome() {
    home = folder.resolve("home");
  }

  @AfterEach
  void nothingWasStarted() throws IOException {
    if (Files.exists(home)) {
      try (Stream<Path> made = Files.list(home)) {
        assertThat(made).containsExactly(home.resolve("logs"));
      }
      assertThat(home.resolve("logs")).isDirectoryContaining("glob:**/cli.log");
      try (Stream<Path> logs = Files.list(home.resolve("logs"))) {
        assertThat(logs).as("no process has a log").hasSize(1);
      }
    }
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void createNeedsARecipeAndOneOfTheTwoWaysToSayWhen() {
    assertThat(execute("schedule", "create", "nightly", "--every", "1d")).isEqualTo(2);
    assertThat(err.toString()).contains("--recipe");
    assertThat(create()).isEqualTo(2);
    assertThat(err.toString())
        .contains("nothing says when the schedule fires", "neither --cron nor --every is given");
    assertThat(create("--every", "1d", "--cron", "0 3 * * *")).isEqualTo(2);
    assertThat(err.toString()).contains("mutually exclusive");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--every 1x | --every 1x cannot be used | write it like 30s, 15m, 1h30m, 2d or 1w",
        "--every 0s | --every 0s cannot be used | it is no span of time",
        "--every 6h --time-zone UTC | --time-zone cannot be used with --every | leave it out",
        "--cron @daily --time-zone Mars/Base | --time-zone Mars/Base cannot be used | Europe/Berlin",
        "--every 6h --overlap queue | --overlap queue cannot be used | must be skip, buffer-one",
        "--every 6h --jitter soon | --jitter soon cannot be used | it is no span of time",
        "--every 6h --catchup-window 1y | --catchup-window 1y cannot be used | no span of time",
        "--every 6h --always --dataset x | --always cannot be used with --dataset | leave it out",
        "--every 6h --data x --dataset x | --data cannot be used with --dataset | leave it out",
      })
  void createRefusesWhatCannotBeMeant(String options, String what, String more) {
    assertThat(create(options.split(" "))).isEqualTo(2);
    assertThat(err.toString()).startsWith("error: " + what).contains(more);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--model=birds",
        "--alias=best",
        "--subject=pretrain",
        "--min-new-samples=5",
        "--gate=knn10.top1 >= champion",
        "--promote=auto",
        "--ask-hours=2",
        "--from=champion"
      })
  void createSaysWhichOptionsOnlyRetrainingHas(String option) {
    assertThat(create("--every", "6h", option)).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("error: %s needs --dataset".formatted(option.replaceFirst("=.*", "")))
        .contains("without a dataset the schedule only starts runs");
  }

  @Test
  void createListsEveryProblemOfARetrainingThatTheFiringWouldFind() {
    assertThat(
            create(
                "--every",
                "6h",
                "--dataset",
                "shapes",
                "--gate",
                "knn10.top >= champion",
                "--promote",
                "maybe",
                "--from",
                "champoin",
                "--min-new-samples",
                "0",
                "--set",
                "pretrain.step=3"))
        .isEqualTo(2);
    assertThat(err.toString())
        .startsWith("error: the schedule cannot be made")
        .contains("min_new_samples: is 0")
        .contains("promote: is \"maybe\"")
        .contains("from: is \"champoin\", must be a text of the form champion|scratch")
        .contains("did you mean \"steps\"?")
        .contains("`dinoflow schedule create --help` shows what is possible");
    err.getBuffer().setLength(0);

    assertThat(create("--every", "6h", "--dataset", "shapes", "--gate", "knn10.top >= champion"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("gate: ").contains("did you mean");
  }

  @Test
  void createSaysThatARecipeOrANameCannotBe() {
    assertThat(execute("schedule", "create", "nightly", "--recipe", "tny", "--every", "1d"))
        .isEqualTo(2);
    assertThat(err.toString())
        .startsWith("error: recipe tny cannot be run")
        .contains("did you mean \"tiny\"?");
    err.getBuffer().setLength(0);

    assertThat(execute("schedule", "create", "a b", "--recipe", "tiny", "--every", "1d"))
        .isEqualTo(2);
    assertThat(err.toString())
        .startsWith("error: \"a b\" cannot name a schedule")
        .contains("its runs are called NAME-TIME");
  }

  @Test
  void backfillNeedsASpanThatIsOne() {
    assertThat(execute("schedule", "backfill", "nightly", "--from", "2030-05-01T00:00:00Z"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("--to");
    err.getBuffer().setLength(0);

    assertThat(backfill("yesterday", "2030-05-01T00:00:00Z")).isEqualTo(2);
    assertThat(err.toString().lines())
        .startsWith(
            "error: --from yesterday cannot be used",
            "  why: it is no time",
            "  do:  write it like 2030-05-01T00:00:00Z");
    err.getBuffer().setLength(0);

    assertThat(backfill("2030-05-02T00:00:00Z", "2030-05-01T00:00:00Z")).isEqualTo(2);
    assertThat(err.toString().lines())
        .startsWith(
            "error: --from 2030-05-02T00:00:00Z is not before --to 2030-05-01T00:00:00Z",
            "  why: the span is empty",
            "  do:  swap them");
  }

  @Test
  void decideNeedsOneVerdictAndAReason() {
    assertThat(execute("schedule", "decide", "run-1", "--why", "better")).isEqualTo(2);
    assertThat(err.toString()).contains("--approve").contains("--reject");
    assertThat(execute("schedule", "decide", "run-1", "--approve", "--reject", "--why", "both"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("mutually exclusive");
    err.getBuffer().setLength(0);
    assertThat(execute("schedule", "decide", "run-1", "--approve")).isEqualTo(2);
    assertThat(err.toString()).contains("--why");
    assertThat(execute("schedule", "decide", "a run", "--approve", "--why", "better")).isEqualTo(2);
    assertThat(err.toString()).contains("run id \"a run\" is not allowed");
  }

  private int create(String... options) {
    List<String> arguments = new ArrayList<>(List.of(CREATE));
    arguments.addAll(List.of(options));
    return execute(arguments.toArray(String[]::new));
  }

  private int backfill(String from, String to) {
    return execute("schedule", "backfill", "nightly", "--from", from, "--to", to);
  }

  private int execute(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--home", home.toString()));
    return Commands.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }
}
