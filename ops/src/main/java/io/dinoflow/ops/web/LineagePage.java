package io.dinoflow.ops.web;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.chart.LayeredGraph;
import io.dinoflow.ops.report.LineageTree;
import io.dinoflow.ops.report.RunFacts;
import io.dinoflow.ops.report.Wording;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.CheckpointRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where an artifact is from, or what became of it, as a picture and as a table of the same.
 *
 * @param graph the picture, as SVG
 * @param truncated whether there is more than is shown
 */
public record LineagePage(
    Instant now,
    Sha256 root,
    String name,
    Ancestry.Direction direction,
    List<Line> lines,
    String graph,
    boolean truncated) {
  /** What a reader can take in and a browser draws at once. */
  static final int NODES_MAX = 1_000;

  public LineagePage {
    lines = List.copyOf(lines);
  }

  /**
   * A box of the picture.
   *
   * @param anchor its place on the page
   * @param madeFrom in words, with the anchor of the other box
   */
  public record Line(
      String anchor,
      Sha256 id,
      String name,
      String kind,
      long artifacts,
      Instant createdAt,
      List<Relation> madeFrom) {
    public Line {
      madeFrom = List.copyOf(madeFrom);
    }

    public boolean isCheckpoint() {
      return kind.equals("checkpoint");
    }
  }

  /** Why one box points at another. */
  public record Relation(String words, String name, String anchor) {}

  public boolean isUp() {
    return direction == Ancestry.Direction.UP;
  }

  /** The JSON twin: what is drawn, without the drawing. */
  record Twin(Sha256 root, String name, String direction, List<Line> lines, boolean truncated) {}

  Twin twin() {
    return new Twin(root, name, isUp() ? "up" : "down", lines, truncated);
  }

  static LineagePage of(
      String reference, Ancestry.Direction direction, RunFacts facts, Instant now) {
    Sha256 root = Api.artifact(reference, facts);
    Ancestry ancestry = facts.ancestry(root, direction, Integer.MAX_VALUE, NODES_MAX);
    LineageChains chains = LineageChains.of(ancestry, root);
    Map<Sha256, LineageChains.Group> groups = new HashMap<>();
    chains.groups().forEach(group -> groups.put(group.id(), group));
    String name =
        ancestry.nodes().stream()
            .filter(node -> node.artifact().ref().id().equals(root))
            .map(node -> node.artifact().name())
            .findFirst()
            .orElse(root.shortForm());
    return new LineagePage(
        now,
        root,
        name,
        direction,
        chains.groups().stream().map(group -> line(group, chains, groups)).toList(),
        drawing(chains, root).svg("lineage of " + name),
        ancestry.truncated());
  }

  private static Line line(
      LineageChains.Group group, LineageChains chains, Map<Sha256, LineageChains.Group> groups) {
    List<Relation> madeFrom = new ArrayList<>();
    for (LineageChains.Link link : chains.links()) {
      LineageChains.Group to = groups.get(link.to());
      if (link.from().equals(group.id()) && to != null) {
        madeFrom.add(new Relation(LineageTree.words(link.kind()), name(to), anchor(to)));
      }
    }
    return new Line(
        anchor(group),
        group.id(),
        name(group),
        kind(group),
        group.members().size(),
        group.last().artifact().createdAt(),
        madeFrom);
  }

  private static LayeredGraph drawing(LineageChains chains, Sha256 root) {
    return new LayeredGraph(
        chains.groups().stream().map(group -> box(group, root)).toList(),
        chains.links().stream()
            .map(
                link ->
                    new LayeredGraph.Edge(
                        link.from().hex(),
                        link.to().hex(),
                        look(link.kind()),
                        LineageTree.words(link.kind())))
            .toList());
  }

  private static LayeredGraph.Node box(LineageChains.Group group, Sha256 root) {
    List<String> look = new ArrayList<>(List.of("box", kind(group)));
    if (group.id().equals(root)) {
      look.add("root");
    }
    if (group.last().state() != CheckpointRow.State.COMMITTED) {
      look.add("gone");
    }
    return new LayeredGraph.Node(
        group.id().hex(),
        name(group),
        subtitle(group),
        String.join(" ", look),
        "#" + anchor(group));
  }

  private static String subtitle(LineageChains.Group group) {
    return group.members().size() > 1
        ? Wording.count(group.members().size(), "checkpoint")
        : "%s %s".formatted(kind(group), group.id().shortForm());
  }

  private static String name(LineageChains.Group group) {
    return group.last().artifact().name();
  }

  private static String kind(LineageChains.Group group) {
    return word(group.last().artifact().ref().kind());
  }

  private static String word(ArtifactKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static String anchor(LineageChains.Group group) {
    return "n" + group.id().hex().substring(0, 16);
  }

  /** Told apart by the line, not by colour alone. */
  private static String look(EdgeKind kind) {
    return switch (kind) {
      case PARENT -> "edge parent";
      case INITIALISED_FROM, IMPORTED, REUSED -> "edge start";
      case GRAM_TEACHER, DISTILLED_FROM -> "edge teacher";
      case DATASET, EVALUATED_ON -> "edge data";
    };
  }
}
