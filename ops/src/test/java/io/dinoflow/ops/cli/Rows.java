package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.ops.ShippedRecipes;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.StageRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Rows as the database would give them. */
final class Rows {
  static final Instant NOON = Instant.parse("2030-05-01T12:00:00Z");
  static final RunId RUN = new RunId("tiny-1");

  private Rows() {}

  static RunRow run(RunState state, String reason) {
    String json = RecipeFormat.canonicalJson(new ShippedRecipes().find("tiny").orElseThrow());
    return new RunRow(
        RUN,
        "tiny",
        Sha256.ofText(json),
        json,
        state,
        reason,
        NOON.minusSeconds(600),
        NOON,
        state.isClosed() ? Optional.of(NOON.minusSeconds(60)) : Optional.empty());
  }

  static StageRow stage(String name, RunState state, String reason, String resultJson) {
    return new StageRow(
        RUN,
        name,
        0,
        "train",
        state,
        reason,
        Optional.empty(),
        resultJson,
        List.of(),
        Optional.empty(),
        Optional.of(NOON.minusSeconds(500)),
        state.isClosed() ? Optional.of(NOON.minusSeconds(405)) : Optional.empty());
  }

  static CheckpointRow checkpoint(String stage, long step, Optional<Sha256> parent) {
    TrackId track = TrackId.of(RUN, stage);
    return new CheckpointRow(
        new CheckpointRef(id(track + "@" + step), track, step, Sha256.ofText("state" + step)),
        CheckpointRow.State.COMMITTED,
        1,
        3 << 20,
        parent,
        true,
        false,
        NOON.minusSeconds(120));
  }

  static Sha256 id(String name) {
    return Sha256.ofText(name);
  }

  /** A graph of lineage in the making; names are {@code track@step} or plain. */
  static final class Graph {
    private final Map<String, ArtifactKind> kinds = new LinkedHashMap<>();
    private final List<Ancestry.Edge> edges = new ArrayList<>();

    Graph checkpoint(String name) {
      kinds.put(name, ArtifactKind.CHECKPOINT);
      return this;
    }

    Graph artifact(ArtifactKind kind, String name) {
      kinds.put(name, kind);
      return this;
    }

    Graph edge(EdgeKind kind, String from, String to) {
      edges.add(new Ancestry.Edge(kind, id(from), id(to), Map.of()));
      return this;
    }

    Ancestry from(String root) {
      List<Ancestry.Node> nodes = new ArrayList<>(List.of(node(root)));
      kinds.keySet().stream()
          .filter(name -> !name.equals(root))
          .map(this::node)
          .forEach(nodes::add);
      return new Ancestry(nodes, edges, false);
    }

    private Ancestry.Node node(String name) {
      int at = name.indexOf('@');
      return new Ancestry.Node(
          new ArtifactRow(
              new ArtifactRef(kinds.get(name), id(name)),
              name,
              Optional.of(RUN),
              Optional.empty(),
              Map.of(),
              NOON),
          0,
          at < 0 ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(name.substring(at + 1))),
          CheckpointRow.State.COMMITTED);
    }
  }
}
