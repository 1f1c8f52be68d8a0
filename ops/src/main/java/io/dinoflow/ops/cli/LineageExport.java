package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.lineage.Ancestry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Lineage for programs: nodes and edges as JSON, or as a graph for Graphviz. */
final class LineageExport {
  private LineageExport() {}

  static Map<String, Object> json(Ancestry ancestry, Ancestry.Direction direction) {
    Map<String, Object> graph = new LinkedHashMap<>();
    graph.put("root", ancestry.nodes().get(0).artifact().ref().id().hex());
    graph.put("direction", direction.name().toLowerCase(Locale.ROOT));
    graph.put("truncated", ancestry.truncated());
    graph.put("nodes", ancestry.nodes().stream().map(LineageExport::node).toList());
    graph.put("edges", ancestry.edges().stream().map(LineageExport::edge).toList());
    return graph;
  }

  private static Map<String, Object> node(Ancestry.Node node) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("id", node.artifact().ref().id().hex());
    facts.put("kind", node.artifact().ref().kind().name());
    facts.put("name", node.artifact().name());
    facts.put("run", node.artifact().run());
    facts.put("stage", node.artifact().stage());
    facts.put("step", node.step());
    facts.put("state", node.state().name());
    facts.put("depth", node.depth());
    facts.put("createdAt", node.artifact().createdAt());
    facts.put("facts", node.artifact().facts());
    return facts;
  }

  private static Map<String, Object> edge(Ancestry.Edge edge) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("kind", edge.kind().name());
    facts.put("from", edge.from().hex());
    facts.put("to", edge.to().hex());
    facts.put("attributes", edge.attributes());
    return facts;
  }

  /** Arrows lead from what was made to what it was made from; time runs left to right. */
  static List<String> dot(Ancestry ancestry) {
    List<String> lines = new ArrayList<>();
    lines.add("digraph lineage {");
    lines.add("  rankdir=RL;");
    lines.add("  node [shape=box, fontname=\"sans-serif\"];");
    for (Ancestry.Node node : ancestry.nodes()) {
      lines.add(
          "  %s [label=\"%s\\n%s %s\"%s];"
              .formatted(
                  name(node.artifact().ref().id()),
                  quoted(node.artifact().name()),
                  node.artifact().ref().kind().name().toLowerCase(Locale.ROOT),
                  node.artifact().ref().id().shortForm(),
                  node.depth() == 0 ? ", penwidth=2" : ""));
    }
    for (Ancestry.Edge edge : ancestry.edges()) {
      lines.add(
          "  %s -> %s [label=\"%s\", style=%s];"
              .formatted(name(edge.from()), name(edge.to()), edge.kind(), style(edge.kind())));
    }
    lines.add("}");
    return lines;
  }

  private static String style(EdgeKind kind) {
    return switch (kind) {
      case PARENT -> "solid";
      case INITIALISED_FROM, IMPORTED, REUSED -> "bold";
      case GRAM_TEACHER, DISTILLED_FROM -> "dashed";
      case DATASET, EVALUATED_ON -> "dotted";
    };
  }

  private static String name(Sha256 id) {
    return "\"" + id.hex().substring(0, 16) + "\"";
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
