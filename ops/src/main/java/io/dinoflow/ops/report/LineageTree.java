package io.dinoflow.ops.report;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.CheckpointRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one artifact was made from, as a tree that people can read: the checkpoints of a track are
 * one branch ("4 earlier checkpoints"), and what was shown once is not unfolded again.
 *
 * @param lines depth first
 * @param truncated whether the graph was too large to be read whole
 */
public record LineageTree(List<Line> lines, boolean truncated) {
  public LineageTree {
    lines = List.copyOf(lines);
  }

  /**
   * One artifact on one line.
   *
   * @param depth 0 for the asked one
   * @param relation why the line above points at it; empty for the asked one
   * @param name a checkpoint's {@code run/stage@step}, a dataset's name
   * @param note what else to know, such as {@code expired}
   */
  public record Line(int depth, String relation, String name, Sha256 id, String note) {}

  static LineageTree of(Sha256 root, Ancestry ancestry) {
    return new Builder(ancestry).build(root);
  }

  /** {@code GRAM_TEACHER} as words. */
  public static String words(EdgeKind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Follows the edges; remembers what was shown. */
  private static final class Builder {
    private final Ancestry ancestry;
    private final Map<Sha256, Ancestry.Node> nodes = new HashMap<>();
    private final Map<Sha256, List<Ancestry.Edge>> edges = new HashMap<>();
    private final Set<Sha256> shown = new HashSet<>();
    private final List<Line> lines = new ArrayList<>();

    Builder(Ancestry ancestry) {
      this.ancestry = ancestry;
      ancestry.nodes().forEach(node -> nodes.put(node.artifact().ref().id(), node));
      ancestry
          .edges()
          .forEach(edge -> edges.computeIfAbsent(edge.from(), id -> new ArrayList<>()).add(edge));
    }

    LineageTree build(Sha256 root) {
      show(root, 0, "");
      return new LineageTree(lines, ancestry.truncated());
    }

    private void show(Sha256 id, int depth, String relation) {
      Ancestry.Node node = nodes.get(id);
      if (node == null) {
        return;
      }
      List<Sha256> chain = chain(id);
      boolean again = !shown.add(id);
      List<String> notes = new ArrayList<>();
      if (node.state() != CheckpointRow.State.COMMITTED) {
        notes.add(node.state().name().toLowerCase(Locale.ROOT));
      }
      boolean below = !origins(chain).isEmpty();
      if (again && below) {
        notes.add("see above");
      } else if (chain.size() > 1) {
        int earlier = chain.size() - 1;
        notes.add(earlier + (earlier == 1 ? " earlier checkpoint" : " earlier checkpoints"));
      }
      lines.add(new Line(depth, relation, node.artifact().name(), id, String.join(", ", notes)));
      if (!again) {
        shown.addAll(chain);
        origins(chain).forEach(origin -> show(origin.to(), depth + 1, words(origin.kind())));
      }
    }

    /** The checkpoint and its predecessors on its own track. */
    private List<Sha256> chain(Sha256 id) {
      Set<Sha256> chain = new LinkedHashSet<>();
      Optional<Sha256> next = Optional.of(id);
      while (next.isPresent() && chain.add(next.get())) {
        next =
            edges.getOrDefault(next.get(), List.of()).stream()
                .filter(edge -> edge.kind() == EdgeKind.PARENT)
                .map(Ancestry.Edge::to)
                .findFirst();
      }
      return List.copyOf(chain);
    }

    /** Edges that lead out of the chain, each target and kind once; models before data. */
    private List<Ancestry.Edge> origins(List<Sha256> chain) {
      Map<String, Ancestry.Edge> distinct = new LinkedHashMap<>();
      for (Sha256 id : chain) {
        for (Ancestry.Edge edge : edges.getOrDefault(id, List.of())) {
          if (edge.kind() != EdgeKind.PARENT) {
            distinct.putIfAbsent(edge.kind() + " " + edge.to(), edge);
          }
        }
      }
      return distinct.values().stream()
          .filter(edge -> nodes.containsKey(edge.to()))
          .sorted(
              Comparator.comparing(this::isData)
                  .thenComparing(Ancestry.Edge::kind)
                  .thenComparing(edge -> step(edge.to())))
          .toList();
    }

    private boolean isData(Ancestry.Edge edge) {
      Ancestry.Node node = nodes.get(edge.to());
      return node != null
          && (node.artifact().ref().kind() == ArtifactKind.DATASET
              || node.artifact().ref().kind() == ArtifactKind.SOURCE);
    }

    private long step(Sha256 id) {
      Ancestry.Node node = nodes.get(id);
      return node == null ? 0 : node.step().orElse(0);
    }
  }
}
