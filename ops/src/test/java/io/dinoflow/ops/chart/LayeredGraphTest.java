package io.dinoflow.ops.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LayeredGraphTest {
  @Test
  void putsWhatThingsAreMadeOfLeftOfThem() {
    String svg =
        new LayeredGraph(
                List.of(node("model"), node("data"), node("teacher"), node("report")),
                List.of(
                    edge("model", "data"),
                    edge("model", "teacher"),
                    edge("teacher", "data"),
                    edge("report", "model"),
                    edge("report", "nobody")))
            .svg("a graph");

    assertThat(x(svg, "data")).isLessThan(x(svg, "teacher"));
    assertThat(x(svg, "teacher")).isLessThan(x(svg, "model"));
    assertThat(x(svg, "model")).isLessThan(x(svg, "report"));
    assertThat(svg.split("<path ", -1)).as("an edge to nobody is left out").hasSize(5);
    assertThat(svg.indexOf("#data")).as("read from the left").isLessThan(svg.indexOf("#model"));
  }

  @Test
  void boxesNeverLieOnEachOther() {
    List<LayeredGraph.Node> nodes = new ArrayList<>();
    List<LayeredGraph.Edge> edges = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      nodes.add(node("n" + i));
      for (int j : new int[] {i / 2, i / 3}) {
        if (j < i) {
          edges.add(edge("n" + i, "n" + j));
        }
      }
    }
    Matcher boxes =
        Pattern.compile("<rect x=\"(\\d+)\" y=\"(\\d+)\"")
            .matcher(new LayeredGraph(nodes, edges).svg("many"));
    List<String> places = new ArrayList<>();
    while (boxes.find()) {
      places.add(boxes.group(1) + "," + boxes.group(2));
    }
    assertThat(places).hasSize(40).doesNotHaveDuplicates();
  }

  @Test
  void escapesNamesAndCutsLongOnes() {
    String svg =
        new LayeredGraph(
                List.of(
                    new LayeredGraph.Node("1", "<b>\"x\"", "s", "box", "#\"><script>"),
                    new LayeredGraph.Node("2", "y".repeat(90) + "@12", "s", "box", "#2")),
                List.of())
            .svg("<script>");

    assertThat(svg).doesNotContain("<b>").doesNotContain("<script>");
    assertThat(svg).contains("&lt;b&gt;&quot;x&quot;").contains("…yyy").contains("y@12</text>");
  }

  private static LayeredGraph.Node node(String id) {
    return new LayeredGraph.Node(id, id, "kind", "box", "#" + id);
  }

  private static LayeredGraph.Edge edge(String from, String to) {
    return new LayeredGraph.Edge(from, to, "edge", "because");
  }

  private static int x(String svg, String id) {
    Matcher box =
        Pattern.compile("href=\"#" + id + "\".*?<rect x=\"(\\d+)\"", Pattern.DOTALL).matcher(svg);
    assertThat(box.find()).isTrue();
    return Integer.parseInt(box.group(1));
  }
}
