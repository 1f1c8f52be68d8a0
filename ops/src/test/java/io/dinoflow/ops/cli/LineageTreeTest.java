package io.dinoflow.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.storage.lineage.Ancestry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LineageTreeTest {
  /** Pre-training to step 300 in tens, then Gram anchoring with a new teacher at every 20 steps. */
  private static Rows.Graph run() {
    Rows.Graph graph =
        new Rows.Graph()
            .artifact(ArtifactKind.DATASET, "shapes-curated")
            .artifact(ArtifactKind.SOURCE, "shapes")
            .edge(EdgeKind.DATASET, "shapes-curated", "shapes");
    track(graph, "r/pretrain", 250, 300);
    track(graph, "r/gram", 310, 360);
    graph.edge(EdgeKind.INITIALISED_FROM, "r/gram@310", "r/pretrain@300");
    for (int step = 310; step <= 360; step += 10) {
      String teacher = step <= 320 ? "r/pretrain@300" : step <= 340 ? "r/gram@320" : "r/gram@340";
      graph.edge(EdgeKind.GRAM_TEACHER, "r/gram@" + step, teacher);
    }
    return graph;
  }

  private static void track(Rows.Graph graph, String track, int from, int to) {
    for (int step = from; step <= to; step += 10) {
      graph.checkpoint(track + "@" + step);
      graph.edge(EdgeKind.DATASET, track + "@" + step, "shapes-curated");
      if (step > from) {
        graph.edge(EdgeKind.PARENT, track + "@" + step, track + "@" + (step - 10));
      }
    }
  }

  @Test
  void showsWhereAForkBeginsThoughItTookTwoCheckpointsAlong() {
    Rows.Graph graph = run();
    graph
        .checkpoint("f/gram@320")
        .checkpoint("f/gram@330")
        .checkpoint("f/gram@340")
        .edge(EdgeKind.PARENT, "f/gram@320", "r/gram@320")
        .edge(EdgeKind.PARENT, "f/gram@330", "f/gram@320")
        .edge(EdgeKind.PARENT, "f/gram@330", "r/gram@330")
        .edge(EdgeKind.PARENT, "f/gram@340", "f/gram@330");

    assertThat(up(graph.from("f/gram@340"), LineageTree.Detail.COLLAPSED))
        .startsWith(
            "#f/gram@340  f/gram step 340",
            "PARENT #f/gram@330  f/gram step 330",
            "  PARENT #r/gram@330  r/gram step 330")
        .contains("PARENT #f/gram@320  f/gram step 320");
  }

  @Test
  void showsWhereACheckpointComesFromWithEveryGramRefresh() {
    assertThat(up(run().from("r/gram@360"), LineageTree.Detail.COLLAPSED))
        .containsExactly(
            "#r/gram@360  r/gram step 360",
            "  GRAM_TEACHER #r/gram@340  r/gram step 340  (see below)",
            "  DATASET #shapes-curated  dataset shapes-curated",
            "    DATASET #shapes  source shapes",
            "PARENT #r/gram@350  r/gram step 350",
            "PARENT #r/gram@340  r/gram step 340",
            "  GRAM_TEACHER #r/gram@320  r/gram step 320  (see below)",
            "PARENT #r/gram@330  r/gram step 330",
            "PARENT #r/gram@320  r/gram step 320",
            "  GRAM_TEACHER #r/pretrain@300  r/pretrain step 300",
            "    DATASET #shapes-curated  dataset shapes-curated  (see above)",
            "  … 4 earlier checkpoints of r/pretrain (steps 260-290)",
            "  PARENT #r/pretrain@250  r/pretrain step 250",
            "PARENT #r/gram@310  r/gram step 310",
            "  INITIALISED_FROM #r/pretrain@300  r/pretrain step 300  (see above)");
  }

  @Test
  void showsEveryCheckpointWhenAskedTo() {
    assertThat(up(run().from("r/pretrain@300"), LineageTree.Detail.ALL))
        .contains("PARENT #r/pretrain@270  r/pretrain step 270")
        .noneMatch(line -> line.contains("…"));
  }

  @Test
  void showsWhatWasMadeOfADatasetOnceATrack() {
    assertThat(down(run().from("shapes-curated"), LineageTree.Detail.COLLAPSED))
        .containsExactly(
            "#shapes-curated  dataset shapes-curated",
            "  DATASET #r/gram@310  r/gram step 310  Gram teacher: r/pretrain step 300",
            "  PARENT #r/gram@320  r/gram step 320",
            "    GRAM_TEACHER #r/gram@330  r/gram step 330  Gram teacher: r/gram step 320  (see below)",
            "  PARENT #r/gram@330  r/gram step 330  Gram teacher: r/gram step 320",
            "  PARENT #r/gram@340  r/gram step 340",
            "    GRAM_TEACHER #r/gram@350  r/gram step 350  Gram teacher: r/gram step 340  (see below)",
            "  PARENT #r/gram@350  r/gram step 350  Gram teacher: r/gram step 340",
            "  PARENT #r/gram@360  r/gram step 360",
            "  DATASET #r/pretrain@250  r/pretrain step 250",
            "  … 4 later checkpoints of r/pretrain (steps 260-290)",
            "  PARENT #r/pretrain@300  r/pretrain step 300",
            "    INITIALISED_FROM+GRAM_TEACHER #r/gram@310  r/gram step 310  Gram teacher: r/pretrain step 300  (see above)");
  }

  @Test
  void showsBothBranchesWhereATrackFellBack() {
    Rows.Graph graph =
        new Rows.Graph()
            .checkpoint("r/a@10")
            .checkpoint("r/a@20")
            .checkpoint("r/b@20")
            .edge(EdgeKind.PARENT, "r/a@20", "r/a@10")
            .edge(EdgeKind.PARENT, "r/b@20", "r/a@10");

    List<String> lines = down(graph.from("r/a@10"), LineageTree.Detail.COLLAPSED);

    assertThat(lines).hasSize(3);
    assertThat(lines).anyMatch(line -> line.startsWith("  PARENT"));
    assertThat(lines).anyMatch(line -> line.startsWith("PARENT"));
  }

  @Test
  void saysThatALimitCutSomethingOff() {
    Ancestry whole = run().from("r/gram@360");
    Ancestry cut = new Ancestry(whole.nodes(), whole.edges(), true);

    assertThat(LineageTree.leftOut(whole, 5, 6)).isEmpty();
    assertThat(LineageTree.leftOut(cut, 5, 6).orElseThrow())
        .contains("left out")
        .contains("--nodes 6")
        .contains("--depth 5");
  }

  @Test
  void printsNodesAndEdgesForPrograms() throws Exception {
    StringWriter out = new StringWriter();
    new Printer(new PrintWriter(out), new PrintWriter(out))
        .json(LineageExport.json(run().from("r/gram@310"), Ancestry.Direction.UP));

    JsonNode graph = new ObjectMapper().readTree(out.toString());
    assertThat(graph.get("root").asText()).isEqualTo(Rows.id("r/gram@310").hex());
    assertThat(graph.get("truncated").asBoolean()).isFalse();
    assertThat(graph.get("nodes").get(0).get("step").asLong()).isEqualTo(310);
    assertThat(graph.get("nodes").get(1).get("step").isNull()).isTrue();
    assertThat(graph.get("edges").get(0).get("kind").asText()).isEqualTo("DATASET");
    assertThat(graph.get("edges").get(0).get("from").asText()).hasSize(64);
  }

  @Test
  void drawsAGraphWithAQuotedLabelForEachNode() {
    Rows.Graph graph =
        new Rows.Graph()
            .checkpoint("r/a@10")
            .artifact(ArtifactKind.SOURCE, "my \"data\"")
            .edge(EdgeKind.DATASET, "r/a@10", "my \"data\"");

    assertThat(LineageExport.dot(graph.from("r/a@10")))
        .startsWith("digraph lineage {")
        .endsWith("}")
        .anyMatch(line -> line.contains("my \\\"data\\\""))
        .anyMatch(line -> line.contains("[label=\"DATASET\", style=dotted]"));
  }

  private static List<String> up(Ancestry ancestry, LineageTree.Detail detail) {
    return named(ancestry, LineageTree.lines(ancestry, Ancestry.Direction.UP, detail));
  }

  private static List<String> down(Ancestry ancestry, LineageTree.Detail detail) {
    return named(ancestry, LineageTree.lines(ancestry, Ancestry.Direction.DOWN, detail));
  }

  /** Ids become names, so that a reader of the test sees who is meant. */
  private static List<String> named(Ancestry ancestry, List<String> lines) {
    Map<String, String> names = new java.util.HashMap<>();
    ancestry
        .nodes()
        .forEach(n -> names.put(n.artifact().ref().id().shortForm(), n.artifact().name()));
    return lines.stream()
        .map(
            line -> {
              String text = line;
              for (Map.Entry<String, String> e : names.entrySet()) {
                text = text.replace(e.getKey(), "#" + e.getValue());
              }
              return text;
            })
        .toList();
  }
}
