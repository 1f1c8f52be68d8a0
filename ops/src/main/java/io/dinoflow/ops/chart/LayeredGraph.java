package io.dinoflow.ops.chart;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph without cycles as inline SVG, in layers from left to right: what others are made of
 * stands left of them. Every box is a link, in the order of reading, so that it works with a
 * keyboard and without a script.
 *
 * @param nodes in any order; ids are unique
 * @param edges between them; one whose end is missing is left out
 */
public record LayeredGraph(List<Node> nodes, List<Edge> edges) {
  private static final int BOX_WIDTH = 220;
  private static final int BOX_HEIGHT = 46;
  private static final int LAYER_STEP = 290;
  private static final int ROW_STEP = 84;
  private static final int MARGIN = 10;

  /** How far an edge that skips layers hangs, so that it is seen beneath the boxes between. */
  private static final int SAG = 66;

  private static final int SWEEPS = 4;

  /** Characters that fit into a box. */
  private static final int TITLE_MAX = 26;

  public LayeredGraph {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /**
   * @param look class names for the style sheet
   * @param href where the box leads
   */
  public record Node(String id, String title, String subtitle, String look, String href) {}

  /**
   * @param from the right end: what was made
   * @param to the left end: what it was made from
   * @param look class names for the style sheet
   */
  public record Edge(String from, String to, String look, String label) {}

  private record Place(int layer, int row) {
    int x() {
      return MARGIN + layer * LAYER_STEP;
    }

    int y() {
      return MARGIN + row * ROW_STEP;
    }
  }

  /**
   * @param label what a screen reader calls the picture
   */
  public String svg(String label) {
    Map<String, Place> places = places();
    int width = places.values().stream().mapToInt(Place::x).max().orElse(0) + BOX_WIDTH + MARGIN;
    int height = places.values().stream().mapToInt(Place::y).max().orElse(0) + BOX_HEIGHT + SAG / 2;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg class=\"graph\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"group\" aria-label=\"%s\">"
            .formatted(width, height, width, height, Markup.escaped(label)));
    for (Edge edge : edges) {
      Place made = places.get(edge.from());
      Place of = places.get(edge.to());
      if (made != null && of != null) {
        svg.append(path(edge, of, made));
      }
    }
    nodes.stream()
        .sorted(
            Comparator.comparingInt((Node node) -> place(places, node).layer())
                .thenComparingInt(node -> place(places, node).row()))
        .forEach(node -> svg.append(box(node, place(places, node))));
    return svg.append("</svg>").toString();
  }

  private static Place place(Map<String, Place> places, Node node) {
    return places.getOrDefault(node.id(), new Place(0, 0));
  }

  private static String path(Edge edge, Place of, Place made) {
    int x1 = of.x() + BOX_WIDTH;
    int y1 = of.y() + BOX_HEIGHT / 2;
    int x2 = made.x();
    int y2 = made.y() + BOX_HEIGHT / 2;
    int bend = Math.max(30, (x2 - x1) / 2);
    int sag = made.layer() - of.layer() > 1 && y1 == y2 ? SAG : 0;
    return "<path class=\"%s\" d=\"M%d %dC%d %d %d %d %d %d\"><title>%s</title></path>"
        .formatted(
            Markup.escaped(edge.look()),
            x1,
            y1,
            x1 + bend,
            y1 + sag,
            x2 - bend,
            y2 + sag,
            x2,
            y2,
            Markup.escaped(edge.label()));
  }

  private static String box(Node node, Place place) {
    return """
    <a href="%s" class="%s"><title>%s</title><rect x="%d" y="%d" width="%d" height="%d" rx="4"/>\
    <text x="%d" y="%d">%s</text><text class="sub" x="%d" y="%d">%s</text></a>"""
        .formatted(
            Markup.escaped(node.href()),
            Markup.escaped(node.look()),
            Markup.escaped(node.title() + ", " + node.subtitle()),
            place.x(),
            place.y(),
            BOX_WIDTH,
            BOX_HEIGHT,
            place.x() + 10,
            place.y() + 19,
            Markup.escaped(cut(node.title())),
            place.x() + 10,
            place.y() + 36,
            Markup.escaped(cut(node.subtitle())));
  }

  /** The end of a name tells more than its beginning. */
  private static String cut(String text) {
    return text.length() <= TITLE_MAX ? text : "…" + text.substring(text.length() - TITLE_MAX + 1);
  }

  /** Longest path decides the layer; the mean row of the neighbours decides the row. */
  private Map<String, Place> places() {
    Map<String, List<String>> left = neighbours(true);
    Map<String, List<String>> right = neighbours(false);
    Map<String, Integer> layers = layers(left, right);
    Map<Integer, List<String>> byLayer = new HashMap<>();
    nodes.forEach(
        node ->
            byLayer
                .computeIfAbsent(layers.getOrDefault(node.id(), 0), layer -> new ArrayList<>())
                .add(node.id()));
    Map<String, Integer> rows = new LinkedHashMap<>();
    byLayer.values().forEach(layer -> number(layer, rows));
    int deepest = byLayer.size() - 1;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      boolean rightwards = sweep % 2 == 0;
      for (int i = 0; i <= deepest; i++) {
        List<String> layer = byLayer.getOrDefault(rightwards ? i : deepest - i, new ArrayList<>());
        Map<String, List<String>> beside = rightwards ? left : right;
        layer.sort(Comparator.comparingDouble(id -> mean(id, beside, rows)));
        number(layer, rows);
      }
    }
    Map<String, Place> places = new HashMap<>();
    rows.forEach((id, row) -> places.put(id, new Place(layers.getOrDefault(id, 0), row)));
    return places;
  }

  private static void number(List<String> layer, Map<String, Integer> rows) {
    for (int row = 0; row < layer.size(); row++) {
      rows.put(layer.get(row), row);
    }
  }

  private static double mean(
      String id, Map<String, List<String>> beside, Map<String, Integer> rows) {
    return beside.getOrDefault(id, List.of()).stream()
        .mapToInt(other -> rows.getOrDefault(other, 0))
        .average()
        .orElse(rows.getOrDefault(id, 0));
  }

  private Map<String, List<String>> neighbours(boolean left) {
    Map<String, List<String>> beside = new HashMap<>();
    nodes.forEach(node -> beside.put(node.id(), new ArrayList<>()));
    for (Edge edge : edges) {
      if (beside.containsKey(edge.from()) && beside.containsKey(edge.to())) {
        beside
            .computeIfAbsent(left ? edge.from() : edge.to(), id -> new ArrayList<>())
            .add(left ? edge.to() : edge.from());
      }
    }
    return beside;
  }

  private static Map<String, Integer> layers(
      Map<String, List<String>> left, Map<String, List<String>> right) {
    Map<String, Integer> waiting = new HashMap<>();
    left.forEach((id, others) -> waiting.put(id, others.size()));
    List<String> ready =
        new ArrayList<>(
            left.entrySet().stream()
                .filter(entry -> entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList());
    Map<String, Integer> layers = new HashMap<>();
    for (int i = 0; i < ready.size(); i++) {
      String id = ready.get(i);
      int layer =
          left.getOrDefault(id, List.of()).stream()
              .mapToInt(other -> layers.getOrDefault(other, 0) + 1)
              .max()
              .orElse(0);
      layers.put(id, layer);
      for (String next : right.getOrDefault(id, List.of())) {
        if (waiting.merge(next, -1, Integer::sum) == 0) {
          ready.add(next);
        }
      }
    }
    return layers;
  }
}
