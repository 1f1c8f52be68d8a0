package io.dinoflow.ops.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.api.PipelineProgress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LiveViewTest {
  private final AtomicLong nanos = new AtomicLong();
  private final FakeScreen screen = new FakeScreen();
  private final List<LiveView.Wish> wishes = new ArrayList<>();
  private final LiveView view = new LiveView(screen, LiveViewTest::note, wishes::add, nanos::get);

  @Test
  void drawsOneLineAStage() {
    view.show(gram("running", 700, 1, ""));
    seconds(10);
    view.show(gram("running", 860, 1, ""));

    assertThat(screen.lines())
        .containsExactly(
            " done     curate      3,786 pictures -> 2,400                               0:14",
            " done     pretrain    600 steps  reused from demo-0",
            " running  gram        [##########------]  260/400  84 img/s  loss 4.91  eta 0:08",
            " waiting  highres     40 steps at 64/96 px",
            "",
            " p pause   c cancel   q leave it running");
    assertThat(screen.lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void redrawsInPlaceAndLeavesTheCursorAsItWas() {
    view.show(gram("running", 700, 1, ""));
    view.show(gram("running", 701, 1, ""));
    view.close();
    view.show(gram("running", 702, 1, ""));

    assertThat(screen.lines()).hasSize(4).noneMatch(line -> line.contains("q leave"));
    assertThat(screen.written.get(0)).isEqualTo("\u001b[?25l");
    assertThat(screen.written).last().isEqualTo("\u001b[?25h");
    assertThat(screen.closed).isEqualTo(1);
  }

  @Test
  void saysWhyAStageIsTriedAgain() {
    view.show(gram("running", 700, 3, "S3 timed out\n\tat io.dinoflow"));

    assertThat(screen.lines()).contains(" ".repeat(22) + "running (attempt 3, S3 timed out)");
  }

  @Test
  void showsAPauseWithItsReason() {
    view.show(snapshot("paused", "need the machine", List.of(stage("gram", "running", 600, 1000))));

    assertThat(screen.lines())
        .startsWith(" paused   gram        between two segments", "", " paused: need the machine")
        .last()
        .isEqualTo(" p resume   c cancel   q leave it running");
  }

  @Test
  void shortensLinesInsteadOfWrappingThem() {
    screen.columns = 48;
    view.show(gram("running", 860, 2, "the object store at http://127.0.0.1:9000 timed out"));

    assertThat(screen.lines())
        .allMatch(line -> line.length() <= 48)
        .anyMatch(line -> line.startsWith(" running  gram        [###---]  260/400"));
  }

  @Test
  void showsOnlyAsManyLinesAsTheTerminalHas() {
    screen.rows = 4;
    view.show(gram("running", 700, 1, ""));

    assertThat(screen.lines()).hasSize(3).last().isEqualTo(" … 4 more lines");
  }

  @Test
  void drawsALineForEachGroupOfStudents() {
    PipelineProgress.Stage stage = stage("distill", "running", 0, 100);
    RunSnapshot snapshot =
        new RunSnapshot(
            new PipelineProgress("r", "demo", "running", "", List.of(stage)),
            Map.of(
                "distill",
                List.of(
                    live("r/distill/small", progress("distill", 50, 100), 1, ""),
                    live("r/distill/large", progress("distill", 25, 100), 1, ""))));

    view.show(snapshot);

    assertThat(screen.lines())
        .startsWith(
            " running  distill     2 groups",
            "           small      [########--------]  50/100  84 img/s  loss 4.91",
            "           large      [####------------]  25/100  84 img/s  loss 4.91");
  }

  @Test
  void saysThatARunIsBeingOpened() {
    view.show(snapshot("waiting", "", List.of()));

    assertThat(screen.lines()).startsWith(" waiting  r  its recipe is being read");
  }

  @Test
  void keepsItsColumnsWhenAStageWasCancelled() {
    view.show(
        snapshot(
            "cancelled",
            "cancelled in stage b",
            List.of(stage("a", "done", 0, 10), stage("b", "cancelled", 0, 10))));

    assertThat(screen.lines())
        .startsWith(
            " done      a           10 steps",
            " cancelled b           10 steps",
            "",
            " cancelled: cancelled in stage b");
  }

  @Test
  void takesKeysAndAsksTwiceBeforeItCancels() {
    press("p");
    view.show(gram("running", 700, 1, ""));
    press("c");
    view.show(gram("running", 700, 1, ""));
    assertThat(screen.lines()).last().asString().contains("press c again");
    press("x");
    view.show(gram("running", 700, 1, ""));
    assertThat(wishes).containsExactly(LiveView.Wish.PAUSE);

    press("ccq");
    view.show(gram("running", 700, 1, ""));
    press("p");
    view.show(snapshot("paused", "", List.of()));
    press("p");
    view.show(snapshot("paused", "", List.of()));

    assertThat(wishes)
        .containsExactly(
            LiveView.Wish.PAUSE,
            LiveView.Wish.CANCEL,
            LiveView.Wish.LEAVE,
            LiveView.Wish.RESUME,
            LiveView.Wish.RESUME);
  }

  @Test
  void offersNoKeysWhereNoneCanBeRead() {
    screen.keys = Optional.empty();
    view.show(gram("running", 700, 1, ""));

    assertThat(screen.lines()).last().isEqualTo(" Ctrl-C leaves it running");
  }

  @Test
  void usesColoursOnlyWhereTheyAreWelcome() {
    view.show(gram("running", 700, 1, ""));
    assertThat(String.join("", screen.written)).doesNotContain("\u001b[32m");

    screen.colourful = true;
    view.show(gram("running", 700, 1, ""));
    assertThat(screen.written).last().asString().contains(" \u001b[32mdone\u001b[0m     curate");
  }

  @Test
  void keepsANoteForAMoment() {
    view.note("Temporal does not answer");
    view.show(gram("running", 700, 1, ""));
    assertThat(screen.lines()).contains(" Temporal does not answer");

    seconds(4);
    view.show(gram("running", 700, 1, ""));
    assertThat(screen.lines()).doesNotContain(" Temporal does not answer");
  }

  private void press(String keys) {
    keys.chars().forEach(key -> screen.keys.orElseThrow().add((char) key));
  }

  private void seconds(long seconds) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  private static StageNotes.Note note(PipelineProgress.Stage stage) {
    return switch (stage.name()) {
      case "curate" ->
          new StageNotes.Note("3,786 pictures -> 2,400", Optional.of(Duration.ofSeconds(14)));
      case "highres" -> new StageNotes.Note("40 steps at 64/96 px", Optional.empty());
      default -> new StageNotes.Note("", Optional.empty());
    };
  }

  private static RunSnapshot gram(String state, long step, int attempt, String failure) {
    List<PipelineProgress.Stage> stages =
        List.of(
            stage("curate", "done", 0, 0),
            new PipelineProgress.Stage(
                "pretrain", "TRAIN", "done", "r/pretrain", 0, 600, Optional.of("demo-0")),
            stage("gram", state, 600, 1000),
            stage("highres", "waiting", 0, 40));
    return new RunSnapshot(
        new PipelineProgress("r", "demo", "running", "", stages),
        Map.of("gram", List.of(live("r/gram", progress("gram", step, 1000), attempt, failure))));
  }

  private static RunSnapshot snapshot(
      String state, String reason, List<PipelineProgress.Stage> stages) {
    return new RunSnapshot(new PipelineProgress("r", "demo", state, reason, stages), Map.of());
  }

  private static PipelineProgress.Stage stage(String name, String state, long first, long last) {
    return new PipelineProgress.Stage(
        name, "TRAIN", state, "r/" + name, first, last, Optional.empty());
  }

  private static Progress progress(String stage, long step, long until) {
    return new Progress(stage, "training", step, until, "steps", Optional.of(4.91), 84, 0, 0, "");
  }

  private static RunSnapshot.Live live(String id, Progress progress, int attempt, String failure) {
    return new RunSnapshot.Live(id, Optional.of(progress), attempt, failure);
  }

  /** A terminal that understands what the view writes. */
  private static final class FakeScreen implements Screen {
    private final List<String> written = new ArrayList<>();
    private Optional<Deque<Character>> keys = Optional.of(new ArrayDeque<>());
    private int columns = 80;
    private int rows = 24;
    private boolean colourful;
    private int closed;

    @Override
    public int columns() {
      return columns;
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public void write(String text) {
      written.add(text);
    }

    @Override
    public boolean takesKeys() {
      return keys.isPresent();
    }

    @Override
    public Optional<Character> key() {
      return keys.map(Deque::poll);
    }

    @Override
    public boolean isColourful() {
      return colourful;
    }

    @Override
    public void close() {
      closed++;
    }

    /** What a person sees: moves up, erases and writes in turn, as the terminal would. */
    List<String> lines() {
      List<String> seen = new ArrayList<>();
      int at = 0;
      for (String text : written) {
        String rest = text.replaceAll("\u001b\\[\\?25[lh]", "");
        if (rest.matches("(?s)\u001b\\[\\d+A.*")) {
          at -= Integer.parseInt(rest.substring(2, rest.indexOf('A')));
          rest = rest.substring(rest.indexOf('A') + 1);
        }
        if (rest.isEmpty()) {
          continue;
        }
        assertThat(rest).endsWith("\u001b[J");
        for (String line : rest.substring(0, rest.length() - 3).split("\r\n", -1)) {
          if (line.isEmpty()) {
            continue;
          }
          assertThat(line).startsWith("\r\u001b[2K");
          String plain = line.substring(5).replaceAll("\u001b\\[\\d*m", "");
          if (at < seen.size()) {
            seen.set(at, plain);
          } else {
            seen.add(plain);
          }
          at++;
        }
        seen.subList(at, seen.size()).clear();
      }
      return seen;
    }
  }
}
