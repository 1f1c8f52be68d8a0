package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The part of the lineage graph that can be reached from one artifact.
 *
 * @param nodes the asked artifact first, then by distance
 * @param edges between those nodes, from what was made to what it was made from
 * @param truncated whether the limit on depth or nodes cut something off
 */
public record Ancestry(List<Node> nodes, List<Edge> edges, boolean truncated) {
  public Ancestry {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /**
   * An artifact of the graph.
   *
   * @param depth fewest edges from the asked one
   * @param step of a checkpoint
   * @param state of a checkpoint ({@code COMMITTED}, ...); {@code COMMITTED} for all else
   */
  public record Node(
      ArtifactRow artifact, int depth, OptionalLong step, CheckpointRow.State state) {}

  /** Why one artifact points at another. */
  public record Edge(EdgeKind kind, Sha256 from, Sha256 to, Map<String, String> attributes) {
    public Edge {
      attributes = Map.copyOf(attributes);
    }
  }

  /** Which way to walk. */
  public enum Direction {
    /** To what it was made from. */
    UP,
    /** To what was made from it. */
    DOWN
  }
}
