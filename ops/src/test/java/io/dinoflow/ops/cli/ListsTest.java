package io.dinoflow.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.run.RunSnapshot;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.api.PipelineProgress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ListsTest {
  private static final String TRAINED =
      """
      {"stage":"pretrain","checkpoints":[{"id":"%s","track":"tiny-1/pretrain","step":12,"state_digest":"%s"}],
       "metrics":[{"name":"pretrain.knn10.top1","value":0.6234,"standard_error":0.011}]}
      """
          .formatted(Sha256.ofText("a").hex(), Sha256.ofText("b").hex());

  @Test
  void listsRunsInAlignedColumns() {
    List<String> lines =
        RunList.lines(
            List.of(
                new RunList.Entry(
                    Rows.run(RunState.FAILED, "stage pretrain failed:\nno space"),
                    List.of(
                        Rows.stage("curate", RunState.DONE, "", "{}"),
                        Rows.stage("pretrain", RunState.FAILED, "no space", "{}")))),
            Rows.NOON);

    assertThat(lines)
        .containsExactly(
            " RUN     RECIPE  STATE   STAGES  AT        STARTED     TOOK  REASON",
            " tiny-1  tiny    failed     1/7  pretrain  10 min ago  9:00  stage pretrain failed: no space");
  }

  @Test
  void listsCheckpoints() {
    CheckpointRow first = Rows.checkpoint("pretrain", 1200, Optional.empty());
    CheckpointRow next = Rows.checkpoint("pretrain", 1204, Optional.of(first.ref().id()));

    assertThat(CheckpointList.lines(List.of(first, next), Rows.NOON))
        .containsExactly(
            " ID        TRACK             STEP  STATE         SIZE  PARENT    MADE",
            " %s  tiny-1/pretrain  1,200  committed  3.0 MiB  -         2 min ago  head"
                .formatted(first.ref().id().shortForm()),
            " %s  tiny-1/pretrain  1,204  committed  3.0 MiB  %s  2 min ago  head"
                .formatted(next.ref().id().shortForm(), first.ref().id().shortForm()));
  }

  @Test
  void aCheckpointInJsonBeginsWithTheSevenNamesThatProgramsRelyOn() throws Exception {
    CheckpointRow row = Rows.checkpoint("pretrain", 4, Optional.empty());

    JsonNode json = json(CheckpointList.json(row));

    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    assertThat(names)
        .startsWith("id", "track", "step", "state", "bytes", "parent", "createdAt")
        .contains("head", "stateDigest");
    assertThat(json.get("id").asText()).isEqualTo(row.ref().id().hex());
    assertThat(json.get("step").isIntegralNumber()).isTrue();
    assertThat(json.get("parent").isNull()).isTrue();
    assertThat(json.get("state").asText()).isEqualTo("COMMITTED");
    assertThat(json.get("createdAt").asText()).isEqualTo("2030-05-01T11:58:00Z");
  }

  @Test
  void showsARunWithStagesMetricsCheckpointsEventsAndWhatItDoes() {
    Progress progress =
        new Progress("gram", "training", 14, 18, "steps", Optional.of(4.91), 84, 14, 0, "");
    RunSnapshot now =
        new RunSnapshot(
            new PipelineProgress("tiny-1", "tiny", "running", "", List.of()),
            Map.of(
                "gram",
                List.of(
                    new RunSnapshot.Live(
                        "tiny-1/gram", Optional.of(progress), 3, "S3 timed out"))));
    RunSheet sheet =
        new RunSheet(
            Rows.run(RunState.RUNNING, ""),
            List.of(
                Rows.stage("pretrain", RunState.DONE, "", TRAINED),
                Rows.stage("gram", RunState.RUNNING, "", "{}")),
            List.of(Rows.checkpoint("pretrain", 12, Optional.empty())),
            List.of(new Event(Rows.RUN, "gram", Rows.NOON, "fell_back", "checkpoint was damaged")),
            List.of(),
            Optional.of(now));

    List<String> lines = sheet.lines(Rows.NOON);

    assertThat(lines.get(0)).startsWith("run tiny-1   recipe tiny (").endsWith("running");
    assertThat(lines)
        .anyMatch(line -> line.matches(" done +pretrain +train +1:35  [0-9a-f]{8} at step 12"))
        .anyMatch(line -> line.matches(" waiting +highres +-.*"))
        .contains(
            " tiny-1/gram  training  14/18 steps  84 img/s  loss 4.910  committed 14"
                + "  (attempt 3, S3 timed out)")
        .anyMatch(line -> line.matches(" pretrain +pretrain.knn10.top1 +0.6234 +0.01100"))
        .anyMatch(line -> line.endsWith("gram   fell_back  checkpoint was damaged"));
  }

  @Test
  void aRunInJsonHasItsStagesInOrderAlsoThoseThatWait() throws Exception {
    JsonNode json =
        json(
            new RunSheet(
                    Rows.run(RunState.DONE, ""),
                    List.of(Rows.stage("pretrain", RunState.DONE, "", TRAINED)),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.empty())
                .json());

    assertThat(json.get("run").asText()).isEqualTo("tiny-1");
    assertThat(json.get("stages").findValuesAsText("stage"))
        .containsExactly("curate", "pretrain", "gram", "highres", "distill", "align", "evaluate");
    assertThat(json.get("stages").get(0).get("state").asText()).isEqualTo("waiting");
    assertThat(json.get("stages").get(1).get("metrics").get(0).get("value").asDouble())
        .isEqualTo(0.6234);
  }

  @Test
  void saysSizesAndTimesShortly() {
    assertThat(Quantities.bytes(812)).isEqualTo("812 B");
    assertThat(Quantities.bytes(1536)).isEqualTo("1.5 KiB");
    assertThat(Quantities.bytes(310L << 20)).isEqualTo("310 MiB");
    assertThat(Quantities.took(Duration.ofSeconds(3723))).isEqualTo("1:02:03");
    assertThat(Quantities.span(Duration.ofMinutes(200))).isEqualTo("3 h 20 min");
    assertThat(Quantities.ahead(Rows.NOON.plusSeconds(90), Rows.NOON)).isEqualTo("in 1 min");
  }

  private static JsonNode json(Object value) throws Exception {
    StringWriter out = new StringWriter();
    new Printer(new PrintWriter(out), new PrintWriter(out)).json(value);
    return new ObjectMapper().readTree(out.toString());
  }
}
