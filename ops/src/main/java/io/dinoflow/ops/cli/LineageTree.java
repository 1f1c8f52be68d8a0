package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.CheckpointRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Lineage as indented lines: each says why it is there (the edge's kind), what it is and at which
 * step. The checkpoints of a track stand below each other at the same depth; what they were made
 * from (or what was made from them) is indented under them.
 *
 * <p>Nothing is printed twice in full. Checkpoints of a track between which nothing changed are
 * counted in one line; one that takes a new Gram teacher, or serves as one, always has its own.
 */
final class LineageTree {
  private static final String INDENT = "  ";

  private final LineageGraph graph;
  private final Ancestry.Direction direction;
  private final Detail detail;
  private final List<String> lines = new ArrayList<>();
  private final Set<Sha256> printed = new HashSet<>();
  private final Set<Sha256> pending = new HashSet<>();

  /** Whether long tracks are shortened. */
  enum Detail {
    COLLAPSED,
    ALL
  }

  private LineageTree(Ancestry ancestry, Ancestry.Direction direction, Detail detail) {
    this.graph = new LineageGraph(ancestry, direction);
    this.direction = direction;
    this.detail = detail;
  }

  /** The lines, from the asked artifact on. */
  static List<String> lines(Ancestry ancestry, Ancestry.Direction direction, Detail detail) {
    LineageTree tree = new LineageTree(ancestry, direction, detail);
    tree.walk(ancestry.nodes().get(0).artifact().ref().id(), Set.of(), "");
    return List.copyOf(tree.lines);
  }

  private void walk(Sha256 first, Set<EdgeKind> why, String indent) {
    List<Sha256> track = track(first);
    pending.addAll(track);
    List<Sha256> quiet = new ArrayList<>();
    for (int i = 0; i < track.size(); i++) {
      Sha256 id = track.get(i);
      Optional<Sha256> before = i == 0 ? Optional.empty() : Optional.of(track.get(i - 1));
      Map<Sha256, Set<EdgeKind>> across = graph.across(id, before);
      boolean end = i == 0 || i == track.size() - 1;
      if (detail == Detail.COLLAPSED && !end && across.isEmpty() && !graph.isTied(id)) {
        quiet.add(id);
        continue;
      }
      collapse(quiet, indent);
      pending.remove(id);
      printed.add(id);
      lines.add(indent + label(i == 0 ? why : Set.of(EdgeKind.PARENT)) + describe(id));
      across.forEach((other, kinds) -> branch(other, kinds, indent + INDENT));
    }
    graph
        .along(track.get(track.size() - 1))
        .ifPresent(met -> refer(met, Set.of(EdgeKind.PARENT), indent));
  }

  /** Checkpoints from {@code first} on, up to the track's end or to what is shown elsewhere. */
  private List<Sha256> track(Sha256 first) {
    List<Sha256> track = new ArrayList<>(List.of(first));
    Set<Sha256> met = new HashSet<>(track);
    Optional<Sha256> next = graph.along(first);
    while (next.isPresent() && !isKnown(next.get()) && met.add(next.get())) {
      track.add(next.get());
      next = graph.along(next.get());
    }
    return track;
  }

  private void branch(Sha256 other, Set<EdgeKind> kinds, String indent) {
    if (isKnown(other)) {
      refer(other, kinds, indent);
    } else {
      walk(other, kinds, indent);
    }
  }

  private void refer(Sha256 id, Set<EdgeKind> kinds, String indent) {
    String where = printed.contains(id) ? "see above" : "see below";
    lines.add(indent + label(kinds) + describe(id) + "  (" + where + ")");
  }

  private boolean isKnown(Sha256 id) {
    return printed.contains(id) || pending.contains(id);
  }

  private void collapse(List<Sha256> quiet, String indent) {
    if (quiet.size() == 1) {
      lines.add(indent + label(Set.of(EdgeKind.PARENT)) + describe(quiet.get(0)));
    } else if (!quiet.isEmpty()) {
      List<Long> steps =
          quiet.stream().map(id -> graph.node(id).step().orElse(0)).sorted().toList();
      lines.add(
          "%s… %d %s checkpoints of %s (steps %d-%d)"
              .formatted(
                  indent,
                  quiet.size(),
                  direction == Ancestry.Direction.UP ? "earlier" : "later",
                  trackOf(graph.node(quiet.get(0))),
                  steps.get(0),
                  steps.get(steps.size() - 1)));
    }
    printed.addAll(quiet);
    quiet.forEach(pending::remove);
    quiet.clear();
  }

  private static String label(Collection<EdgeKind> kinds) {
    return kinds.isEmpty()
        ? ""
        : kinds.stream().map(EdgeKind::name).collect(Collectors.joining("+")) + " ";
  }

  private String describe(Sha256 id) {
    Ancestry.Node node = graph.node(id);
    StringBuilder words = new StringBuilder(id.shortForm()).append("  ");
    if (node.artifact().ref().kind() == ArtifactKind.CHECKPOINT) {
      words.append(trackOf(node)).append(" step ").append(node.step().orElse(0));
    } else {
      words
          .append(node.artifact().ref().kind().name().toLowerCase(Locale.ROOT))
          .append(' ')
          .append(node.artifact().name());
    }
    if (node.state() != CheckpointRow.State.COMMITTED) {
      words.append("  ").append(node.state().name().toLowerCase(Locale.ROOT));
    }
    if (direction == Ancestry.Direction.DOWN) {
      graph
          .newGramTeacher(id)
          .ifPresent(
              teacher ->
                  words
                      .append("  Gram teacher: ")
                      .append(trackOf(graph.node(teacher)))
                      .append(" step ")
                      .append(graph.node(teacher).step().orElse(0)));
    }
    return words.toString();
  }

  /** A checkpoint is called {@code track@step}. */
  private static String trackOf(Ancestry.Node node) {
    String name = node.artifact().name();
    return name.contains("@") ? name.substring(0, name.lastIndexOf('@')) : name;
  }

  /** What the limit left out, in words; nothing where nothing was. */
  static Optional<String> leftOut(Ancestry ancestry, int depthMax, int nodesMax) {
    return ancestry.truncated()
        ? Optional.of(
            ("more was left out: %d artifacts are shown, the limits are --nodes %d and --depth %d;"
                    + " raise them to see it")
                .formatted(ancestry.nodes().size(), nodesMax, depthMax))
        : Optional.empty();
  }
}
