package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.CheckpointRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * An {@link Ancestry} as the tree walks it: along a track, and from one track to another.
 *
 * <p>Every checkpoint of a track names its dataset and its Gram teacher. An edge that the
 * predecessor has too says nothing new, so only the first checkpoint with it counts as having it:
 * what is left of the Gram teachers' edges are exactly the refreshes.
 */
final class LineageGraph {
  private final Ancestry.Direction direction;
  private final Map<Sha256, Ancestry.Node> nodes = new LinkedHashMap<>();
  private final Map<Sha256, List<Ancestry.Edge>> outgoing = new HashMap<>();
  private final Map<Sha256, List<Ancestry.Edge>> incoming = new HashMap<>();

  LineageGraph(Ancestry ancestry, Ancestry.Direction direction) {
    this.direction = direction;
    ancestry.nodes().forEach(node -> nodes.put(node.artifact().ref().id(), node));
    for (Ancestry.Edge edge : ancestry.edges()) {
      outgoing.computeIfAbsent(edge.from(), id -> new ArrayList<>()).add(edge);
      incoming.computeIfAbsent(edge.to(), id -> new ArrayList<>()).add(edge);
    }
  }

  Ancestry.Node node(Sha256 id) {
    return Objects.requireNonNull(nodes.get(id), () -> "no node " + id);
  }

  /** The next checkpoint of the same track in the direction of the walk. */
  Optional<Sha256> along(Sha256 id) {
    return direction == Ancestry.Direction.UP
        ? parent(id)
        : incoming.getOrDefault(id, List.of()).stream()
            .filter(edge -> edge.kind() == EdgeKind.PARENT)
            .map(Ancestry.Edge::from)
            .min(
                Comparator.comparing(
                        (Sha256 next) -> node(next).state() != CheckpointRow.State.COMMITTED)
                    .thenComparing(next -> !incoming.containsKey(next))
                    .thenComparing(Comparator.naturalOrder()));
  }

  /**
   * Other nodes that one step leads to, with the kinds of edge, and without what the neighbour on
   * the track shows already.
   *
   * @param newer where the walk up came from on the track
   */
  Map<Sha256, Set<EdgeKind>> across(Sha256 id, Optional<Sha256> newer) {
    Map<Sha256, Set<EdgeKind>> found = new LinkedHashMap<>();
    if (direction == Ancestry.Direction.UP) {
      for (Ancestry.Edge edge : sorted(outgoing, id)) {
        boolean onTheTrack =
            edge.kind() == EdgeKind.PARENT && parent(id).equals(Optional.of(edge.to()));
        if (!onTheTrack && newer.filter(n -> has(n, edge.kind(), edge.to())).isEmpty()) {
          add(found, edge.to(), edge.kind());
        }
      }
      return found;
    }
    Optional<Sha256> next = along(id);
    for (Ancestry.Edge edge : sorted(incoming, id)) {
      boolean onTheTrack = edge.kind() == EdgeKind.PARENT && next.equals(Optional.of(edge.from()));
      if (!onTheTrack && !inherited(edge)) {
        add(found, edge.from(), edge.kind());
      }
    }
    return found;
  }

  /** Whether a Gram teacher first serves in this checkpoint: the first one, or a refresh. */
  Optional<Sha256> newGramTeacher(Sha256 id) {
    return outgoing.getOrDefault(id, List.of()).stream()
        .filter(edge -> edge.kind() == EdgeKind.GRAM_TEACHER && !inherited(edge))
        .map(Ancestry.Edge::to)
        .findFirst();
  }

  /** Whether something other than the track's own order ties this node to another one. */
  boolean isTied(Sha256 id) {
    return direction == Ancestry.Direction.UP
        ? incoming.getOrDefault(id, List.of()).stream().anyMatch(e -> e.kind() != EdgeKind.PARENT)
        : outgoing.getOrDefault(id, List.of()).stream()
            .anyMatch(edge -> edge.kind() != EdgeKind.PARENT && !inherited(edge));
  }

  private boolean inherited(Ancestry.Edge edge) {
    return edge.kind() != EdgeKind.PARENT
        && parent(edge.from()).filter(p -> has(p, edge.kind(), edge.to())).isPresent();
  }

  private Optional<Sha256> parent(Sha256 id) {
    return outgoing.getOrDefault(id, List.of()).stream()
        .filter(edge -> edge.kind() == EdgeKind.PARENT)
        .map(Ancestry.Edge::to)
        .min(
            Comparator.comparing((Sha256 to) -> !trackOf(to).equals(trackOf(id)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** A checkpoint is called {@code track@step}; where a fork begins there are two parents. */
  private String trackOf(Sha256 id) {
    Ancestry.Node node = nodes.get(id);
    return node == null ? "" : node.artifact().name().replaceFirst("@\\d+$", "");
  }

  private boolean has(Sha256 from, EdgeKind kind, Sha256 to) {
    return outgoing.getOrDefault(from, List.of()).stream()
        .anyMatch(edge -> edge.kind() == kind && edge.to().equals(to));
  }

  private List<Ancestry.Edge> sorted(Map<Sha256, List<Ancestry.Edge>> edges, Sha256 id) {
    return edges.getOrDefault(id, List.of()).stream()
        .sorted(
            Comparator.comparing(Ancestry.Edge::kind)
                .thenComparing(
                    edge -> node(other(edge)).artifact().name(), Comparator.naturalOrder())
                .thenComparing(this::other))
        .toList();
  }

  private Sha256 other(Ancestry.Edge edge) {
    return direction == Ancestry.Direction.UP ? edge.to() : edge.from();
  }

  private static void add(Map<Sha256, Set<EdgeKind>> found, Sha256 other, EdgeKind kind) {
    found.computeIfAbsent(other, id -> EnumSet.noneOf(EdgeKind.class)).add(kind);
  }
}
