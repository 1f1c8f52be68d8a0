package io.dinoflow.ops.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.ops.chart.LineChart.Line;
import io.dinoflow.ops.chart.LineChart.Mark;
import io.dinoflow.ops.chart.LineChart.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LineChartTest {
  private static final Pattern LINE = Pattern.compile("<path class=\"line s\\d\" d=\"([^\"]*)\"");

  @Test
  void leavesAGapWherePointsAreMissing() {
    List<Point> points = points(0, 40, x -> x);
    points.removeIf(point -> point.x() > 10 && point.x() < 20);

    assertThat(pieces(chart(new Line("loss", Line.Kind.EXACT, points)))).isEqualTo(2);
  }

  @Test
  void leavesAGapWhereANumberIsNone() {
    List<Point> points = points(0, 10, x -> x == 5 ? Double.NaN : x);

    assertThat(pieces(chart(new Line("loss", Line.Kind.EXACT, points)))).isEqualTo(2);
  }

  @Test
  void takesNoMeanOverTwoStages() {
    List<Point> points = points(0, 100, x -> x <= 50 ? 1 : 9);
    Line line = new Line("loss", Line.Kind.NOISY, points);
    LineChart chart =
        new LineChart(
            "t", "step", "loss", List.of(line), List.of(new Mark(Mark.Kind.STAGE, 50, "b", "b")));

    List<String> heights = heights(chart.svg());
    assertThat(heights).hasSize(2);
    assertThat(heights(chart(line).svg())).hasSizeGreaterThan(2);
  }

  @Test
  void readsValuesThatSpanDecadesOnALogarithmicAxis() {
    String wide =
        chart(new Line("loss", Line.Kind.EXACT, points(1, 4, x -> Math.pow(10, x)))).svg();
    String narrow = chart(new Line("loss", Line.Kind.EXACT, points(1, 4, x -> x))).svg();
    String negative =
        chart(new Line("loss", Line.Kind.EXACT, points(1, 4, x -> Math.pow(10, x) - 20))).svg();

    assertThat(wide).contains("value (log)");
    assertThat(narrow).doesNotContain("(log)");
    assertThat(negative).doesNotContain("(log)");
  }

  @Test
  void tellsTheExactValueOnHover() {
    String svg = chart(new Line("loss", Line.Kind.EXACT, points(7, 9, x -> x + 0.123456))).svg();

    assertThat(svg).contains("<title>step 8\nloss 8.12346</title>");
  }

  @Test
  void escapesNames() {
    String svg = chart(new Line("<i>\"&", Line.Kind.EXACT, points(1, 3, x -> x))).svg();

    assertThat(svg).contains("&lt;i&gt;&quot;&amp;").doesNotContain("<i>");
  }

  @Test
  void givesASeriesTheSameColourInEveryChart() {
    LineChart both =
        chart(
            new Line("dino_local_crops_loss", Line.Kind.NOISY, points(1, 3, x -> x)),
            new Line("ibot_loss", Line.Kind.NOISY, points(1, 3, x -> x)));
    LineChart one = chart(new Line("ibot_loss", Line.Kind.NOISY, points(1, 3, x -> x)));

    assertThat(both.legend()).contains(one.legend().get(0));
    assertThat(both.legend().stream().map(LineChart.Key::style)).doesNotHaveDuplicates();
  }

  @Test
  void drawsNothingOfNothing() {
    assertThat(chart().svg()).isEmpty();
    assertThat(chart(new Line("loss", Line.Kind.NOISY, List.of(new Point(1, Double.NaN)))).svg())
        .isEmpty();
  }

  @Test
  void drawsASinglePointAndAFlatLineWithinTheFrame() {
    assertThat(chart(new Line("loss", Line.Kind.NOISY, List.of(new Point(5, 2)))).svg())
        .doesNotContain("NaN")
        .doesNotContain("Infinity");
    assertThat(chart(new Line("loss", Line.Kind.NOISY, points(1, 50, x -> 0))).svg())
        .doesNotContain("NaN")
        .doesNotContain("Infinity");
  }

  @Test
  void writesTicksInFewDigits() {
    assertThat(Scale.number(0)).isEqualTo("0");
    assertThat(Scale.number(0.001)).isEqualTo("0.001");
    assertThat(Scale.number(0.0005)).isEqualTo("5e-4");
    assertThat(Scale.number(0.00005)).isEqualTo("5e-5");
    assertThat(Scale.number(600)).isEqualTo("600");
    assertThat(Scale.number(250_000)).isEqualTo("250k");
    assertThat(Scale.number(1_500_000)).isEqualTo("1.5M");
    assertThat(Scale.number(-0.25)).isEqualTo("-0.25");
  }

  private static LineChart chart(Line... lines) {
    return new LineChart("title", "step", "value", List.of(lines), List.of());
  }

  private static List<Point> points(int from, int to, DoubleUnaryOperator value) {
    List<Point> points = new ArrayList<>();
    for (int x = from; x <= to; x++) {
      points.add(new Point(x, value.applyAsDouble(x)));
    }
    return points;
  }

  private static long pieces(LineChart chart) {
    return path(chart.svg()).chars().filter(c -> c == 'M').count();
  }

  private static List<String> heights(String svg) {
    List<String> heights = new ArrayList<>();
    for (String corner : path(svg).substring(1).split("[ML]")) {
      heights.add(corner.split(" ")[1]);
    }
    return heights.stream().distinct().toList();
  }

  private static String path(String svg) {
    Matcher matcher = LINE.matcher(svg);
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }
}
