package io.dinoflow.ops.web;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.lineage.Ancestry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A lineage graph with long chains of checkpoints folded: neighbours on a track that nothing else
 * ties to another track become one. An edge that a checkpoint's predecessor has too says nothing
 * new and is left out.
 *
 * @param groups nearest to the asked artifact first
 * @param links between groups, each once
 */
record LineageChains(List<Group> groups, List<Link> links) {
  LineageChains {
    groups = List.copyOf(groups);
    links = List.copyOf(links);
  }

  /**
   * One artifact, or neighbours on a track.
   *
   * @param members by step
   */
  record Group(List<Ancestry.Node> members) {
    Group {
      members = List.copyOf(members);
    }

    /** The one that stands for all: the last. */
    Ancestry.Node last() {
      return members.get(members.size() - 1);
    }

    Sha256 id() {
      return last().artifact().ref().id();
    }

    int depth() {
      return members.stream().mapToInt(Ancestry.Node::depth).min().orElse(0);
    }
  }

  /** From what was made to what it was made from, by the ids of groups. */
  record Link(EdgeKind kind, Sha256 from, Sha256 to) {}

  static LineageChains of(Ancestry ancestry, Sha256 root) {
    Set<Ancestry.Edge> telling = telling(ancestry.edges());
    Set<Sha256> tied = new HashSet<>(Set.of(root));
    for (Ancestry.Edge edge : telling) {
      if (edge.kind() != EdgeKind.PARENT) {
        tied.add(edge.from());
        tied.add(edge.to());
      }
    }
    Map<String, List<Ancestry.Node>> tracks = new TreeMap<>();
    List<Group> groups = new ArrayList<>();
    for (Ancestry.Node node : ancestry.nodes()) {
      if (node.artifact().ref().kind() == ArtifactKind.CHECKPOINT) {
        tracks.computeIfAbsent(track(node), name -> new ArrayList<>()).add(node);
      } else {
        groups.add(new Group(List.of(node)));
      }
    }
    tracks.values().forEach(track -> groups.addAll(fold(track, tied)));
    groups.sort(
        Comparator.comparingInt(Group::depth)
            .thenComparing(group -> group.last().artifact().name()));
    return new LineageChains(groups, links(groups, telling));
  }

  private static String track(Ancestry.Node node) {
    return node.artifact().name().replaceFirst("@\\d+$", "");
  }

  private static List<Group> fold(List<Ancestry.Node> track, Set<Sha256> tied) {
    List<Group> groups = new ArrayList<>();
    List<Ancestry.Node> chain = new ArrayList<>();
    List<Ancestry.Node> ordered =
        track.stream().sorted(Comparator.comparingLong(node -> node.step().orElse(0))).toList();
    for (Ancestry.Node node : ordered) {
      if (tied.contains(node.artifact().ref().id())) {
        if (!chain.isEmpty()) {
          groups.add(new Group(chain));
          chain.clear();
        }
        groups.add(new Group(List.of(node)));
      } else {
        chain.add(node);
      }
    }
    if (!chain.isEmpty()) {
      groups.add(new Group(chain));
    }
    return groups;
  }

  private static Set<Ancestry.Edge> telling(List<Ancestry.Edge> edges) {
    Map<Sha256, Set<Sha256>> parents = new HashMap<>();
    Set<String> known = new HashSet<>();
    for (Ancestry.Edge edge : edges) {
      known.add(key(edge.from(), edge));
      if (edge.kind() == EdgeKind.PARENT) {
        parents.computeIfAbsent(edge.from(), id -> new HashSet<>()).add(edge.to());
      }
    }
    Set<Ancestry.Edge> telling = new LinkedHashSet<>();
    for (Ancestry.Edge edge : edges) {
      boolean inherited =
          edge.kind() != EdgeKind.PARENT
              && parents.getOrDefault(edge.from(), Set.of()).stream()
                  .anyMatch(parent -> known.contains(key(parent, edge)));
      if (!inherited) {
        telling.add(edge);
      }
    }
    return telling;
  }

  private static String key(Sha256 from, Ancestry.Edge edge) {
    return from.hex() + edge.kind() + edge.to().hex();
  }

  private static List<Link> links(List<Group> groups, Set<Ancestry.Edge> edges) {
    Map<Sha256, Sha256> groupOf = new LinkedHashMap<>();
    groups.forEach(
        group ->
            group.members().forEach(node -> groupOf.put(node.artifact().ref().id(), group.id())));
    Set<Link> links = new LinkedHashSet<>();
    for (Ancestry.Edge edge : edges) {
      Sha256 from = groupOf.get(edge.from());
      Sha256 to = groupOf.get(edge.to());
      if (from != null && to != null && !from.equals(to)) {
        links.add(new Link(edge.kind(), from, to));
      }
    }
    return List.copyOf(links);
  }
}
