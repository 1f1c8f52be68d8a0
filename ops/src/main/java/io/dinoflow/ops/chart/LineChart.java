package io.dinoflow.ops.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Numbers over steps, drawn as measured: raw points faint behind a moving mean, a gap where points
 * are missing, the exact values of a step on hover, and a logarithmic axis where they span decades.
 *
 * <p>The SVG has classes for colours ({@link Palette}), so that the page's style sheet decides
 * between light, dark and print. All text is escaped here.
 *
 * @param title what a screen reader says of the picture
 * @param xUnit,yUnit names of the axes with their unit
 * @param lines one a series; points need not be sorted
 * @param marks events along the steps
 */
public record LineChart(
    String title, String xUnit, String yUnit, List<Line> lines, List<Mark> marks) {

  private static final int WIDTH = 440;
  private static final int HEIGHT = 240;
  private static final int LEFT = 66;
  private static final int RIGHT = 10;
  private static final int TOP = 18;
  private static final int BOTTOM = 40;

  /** So many places along the steps answer to the pointer. */
  private static final int PLACES_MAX = 48;

  /** A mean moves slowly: so many corners draw it as well as all would. */
  private static final int CORNERS_MAX = 150;

  /** Shorter series are drawn point by point; a mean would hide what little there is. */
  private static final int SMOOTHED_FROM = 30;

  /** A distance of so many usual ones between two points is a gap. */
  private static final double GAP_STRIDES = 2.5;

  public LineChart {
    lines = lines.stream().filter(line -> !line.points().isEmpty()).toList();
    marks = List.copyOf(marks);
  }

  /** A series; points that are no finite numbers leave a gap. */
  public record Line(String name, Kind kind, List<Point> points) {
    /** How it is drawn. */
    public enum Kind {
      /** Measured with noise: faint points behind a moving mean, once there are many. */
      NOISY,
      /** Exact at every step, such as a schedule: never averaged. */
      EXACT
    }

    public Line {
      points = points.stream().sorted(Comparator.comparingDouble(Point::x)).toList();
    }
  }

  /** One measured number. */
  public record Point(double x, double y) {
    boolean isDrawn() {
      return Double.isFinite(y);
    }
  }

  /**
   * @param text what the pointer is told
   */
  public record Mark(Kind kind, double x, String label, String text) {
    /** What happened there. */
    public enum Kind {
      /** A stage begins: a line with its name. */
      STAGE,
      /** Something changed: a dashed line with a triangle, named in the legend. */
      EVENT
    }
  }

  /**
   * A line of the legend.
   *
   * @param style class of the colour
   */
  public record Key(String name, String style) {}

  /** Nothing to draw. */
  public boolean isEmpty() {
    return drawn().findAny().isEmpty();
  }

  /** Series in the order drawn, then the marks that need a word. */
  public List<Key> legend() {
    List<Integer> colours = colours();
    List<Key> keys = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      keys.add(new Key(lines.get(i).name(), "s" + colours.get(i)));
    }
    marks.stream()
        .filter(mark -> mark.kind() == Mark.Kind.EVENT)
        .map(Mark::label)
        .distinct()
        .forEach(label -> keys.add(new Key(label, "event")));
    return keys;
  }

  /** The drawing; empty text where there is nothing to draw. */
  public String svg() {
    if (isEmpty()) {
      return "";
    }
    double[] values = drawn().mapToDouble(Point::y).toArray();
    Scale x =
        Scale.ofSteps(
            Stream.concat(drawn().map(Point::x), marks.stream().map(Mark::x))
                .mapToDouble(Double::doubleValue)
                .min()
                .orElse(0),
            drawn().mapToDouble(Point::x).max().orElse(1),
            LEFT,
            WIDTH - RIGHT);
    Scale y =
        Scale.ofValues(
            Arrays.stream(values).min().orElse(0),
            Arrays.stream(values).max().orElse(1),
            HEIGHT - BOTTOM,
            TOP);
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
            .formatted(WIDTH, HEIGHT, Markup.escaped(title)));
    axes(svg, x, y);
    marks.forEach(mark -> mark(svg, x, mark));
    List<Integer> colours = colours();
    for (int i = 0; i < lines.size(); i++) {
      line(svg, x, y, lines.get(i), colours.get(i));
    }
    places(svg, x);
    return svg.append("</svg>").toString();
  }

  private Stream<Point> drawn() {
    return lines.stream().flatMap(line -> line.points().stream()).filter(Point::isDrawn);
  }

  private List<Integer> colours() {
    return Palette.of(lines.stream().map(Line::name).toList());
  }

  private void axes(StringBuilder svg, Scale x, Scale y) {
    int floor = HEIGHT - BOTTOM;
    for (double tick : y.ticks(5)) {
      svg.append(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%3$s\"/>"
              .formatted(LEFT, WIDTH - RIGHT, px(y.at(tick))));
      svg.append(
          "<text class=\"end\" x=\"%d\" y=\"%s\">%s</text>"
              .formatted(LEFT - 6, px(y.at(tick) + 4), Scale.number(tick)));
    }
    // there is no half step
    for (double tick : x.ticks(5).stream().filter(t -> t == Math.rint(t)).toList()) {
      svg.append(
          "<line class=\"axis\" x1=\"%s\" x2=\"%1$s\" y1=\"%d\" y2=\"%d\"/>"
              .formatted(px(x.at(tick)), floor, floor + 4));
      svg.append(
          "<text class=\"mid\" x=\"%s\" y=\"%d\">%s</text>"
              .formatted(px(x.at(tick)), floor + 17, Scale.number(tick)));
    }
    svg.append(
        "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%3$d\"/>"
            .formatted(LEFT, WIDTH - RIGHT, floor));
    svg.append(
        "<text class=\"mid unit\" x=\"%d\" y=\"%d\">%s</text>"
            .formatted((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, Markup.escaped(xUnit)));
    String unit = yUnit + (y.form() == Scale.Form.LOG ? " (log)" : "");
    svg.append(
        "<text class=\"mid unit\" transform=\"translate(10 %d) rotate(-90)\">%s</text>"
            .formatted((TOP + floor) / 2, Markup.escaped(unit)));
  }

  private static void mark(StringBuilder svg, Scale x, Mark mark) {
    if (mark.x() > x.high()) {
      return;
    }
    String at = px(x.at(mark.x()));
    boolean stage = mark.kind() == Mark.Kind.STAGE;
    svg.append(
        "<g class=\"%s\"><title>%s</title><line x1=\"%s\" x2=\"%3$s\" y1=\"%d\" y2=\"%d\"/>"
            .formatted(
                stage ? "stage" : "event",
                Markup.escaped(mark.text()),
                at,
                stage ? 4 : TOP,
                HEIGHT - BOTTOM));
    if (stage) {
      boolean late = x.at(mark.x()) > WIDTH * 0.8;
      svg.append(
          "<text class=\"%s\" x=\"%s\" y=\"12\">%s</text>"
              .formatted(
                  late ? "end" : "start",
                  px(x.at(mark.x()) + (late ? -4 : 4)),
                  Markup.escaped(mark.label())));
    } else {
      double c = x.at(mark.x());
      svg.append("<path d=\"M%s %d h9 l-4.5 8 z\"/>".formatted(px(c - 4.5), TOP - 6));
    }
    svg.append("</g>");
  }

  private void line(StringBuilder svg, Scale x, Scale y, Line line, int colour) {
    boolean many = line.points().size() >= SMOOTHED_FROM;
    boolean smoothed = many && line.kind() == Line.Kind.NOISY;
    int stride = 1 + line.points().size() / CORNERS_MAX;
    StringBuilder raw = new StringBuilder();
    StringBuilder path = new StringBuilder();
    for (List<Point> piece : pieces(line.points())) {
      double[] values = piece.stream().mapToDouble(Point::y).toArray();
      double[] means = smoothed ? movingMean(values, window(line.points().size())) : values;
      for (int i = 0; i < piece.size(); i++) {
        String at = px(x.at(piece.get(i).x()));
        raw.append('M').append(at).append(' ').append(px(y.at(values[i]))).append("h0");
        if (!smoothed || i % stride == 0 || i == piece.size() - 1) {
          path.append(i == 0 ? 'M' : 'L').append(at).append(' ').append(px(y.at(means[i])));
        }
      }
    }
    if (smoothed || !many) {
      svg.append(
          "<path class=\"%s s%d\" d=\"%s\"/>".formatted(smoothed ? "raw" : "dots", colour, raw));
    }
    svg.append("<path class=\"line s%d\" d=\"%s\"/>".formatted(colour, path));
  }

  /**
   * Runs of points without a gap. A dense curve breaks where a stage begins, so that no mean is
   * taken over two stages; a few measured points are joined across it.
   */
  private List<List<Point>> pieces(List<Point> points) {
    boolean many = points.size() >= SMOOTHED_FROM;
    double[] distances = new double[Math.max(0, points.size() - 1)];
    for (int i = 1; i < points.size(); i++) {
      distances[i - 1] = points.get(i).x() - points.get(i - 1).x();
    }
    Arrays.sort(distances);
    double usual = distances.length == 0 ? 0 : distances[distances.length / 2];
    // a handful of points has no usual distance
    double gap = points.size() < 5 ? Double.POSITIVE_INFINITY : usual * GAP_STRIDES;
    List<List<Point>> pieces = new ArrayList<>();
    List<Point> piece = new ArrayList<>();
    double last = Double.NaN;
    for (Point point : points) {
      boolean apart = point.x() - last > gap || isStageBetween(last, point.x(), many);
      if (!piece.isEmpty() && (!point.isDrawn() || apart)) {
        pieces.add(piece);
        piece = new ArrayList<>();
      }
      if (point.isDrawn()) {
        piece.add(point);
        last = point.x();
      }
    }
    if (!piece.isEmpty()) {
      pieces.add(piece);
    }
    return pieces;
  }

  private boolean isStageBetween(double before, double after, boolean dense) {
    return dense
        && marks.stream()
            .anyMatch(
                mark -> mark.kind() == Mark.Kind.STAGE && before <= mark.x() && mark.x() < after);
  }

  private static int window(int points) {
    return Math.max(3, points / 25);
  }

  private static double[] movingMean(double[] values, int window) {
    double[] means = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      int from = Math.max(0, i - window / 2);
      int until = Math.min(values.length, i + window / 2 + 1);
      means[i] = Arrays.stream(values, from, until).average().orElse(values[i]);
    }
    return means;
  }

  /** Upright strips that answer to the pointer with the exact values there. */
  private void places(StringBuilder svg, Scale x) {
    double[] steps = chosenSteps();
    for (int i = 0; i < steps.length; i++) {
      double left = i == 0 ? LEFT : x.at((steps[i - 1] + steps[i]) / 2);
      double right = i == steps.length - 1 ? WIDTH - RIGHT : x.at((steps[i] + steps[i + 1]) / 2);
      StringBuilder told = new StringBuilder(xUnit + " " + Scale.number(steps[i]));
      for (Line line : lines) {
        for (Point point : line.points()) {
          if (point.x() == steps[i] && point.isDrawn()) {
            told.append('\n').append(line.name()).append(' ').append(exact(point.y()));
          }
        }
      }
      svg.append(
          "<rect class=\"place\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\"><title>%s</title></rect>"
              .formatted(
                  px(left),
                  TOP,
                  px(Math.max(0.5, right - left)),
                  HEIGHT - BOTTOM - TOP,
                  Markup.escaped(told.toString())));
    }
  }

  private double[] chosenSteps() {
    TreeSet<Double> all = new TreeSet<>();
    drawn().forEach(point -> all.add(point.x()));
    double[] steps = all.stream().mapToDouble(Double::doubleValue).toArray();
    if (steps.length <= PLACES_MAX) {
      return steps;
    }
    return IntStream.range(0, PLACES_MAX)
        .mapToDouble(i -> steps[i * (steps.length - 1) / (PLACES_MAX - 1)])
        .toArray();
  }

  private static String exact(double value) {
    return String.format(Locale.ROOT, "%.6g", value);
  }

  private static String px(double value) {
    long tenths = Math.round(value * 10);
    return tenths % 10 == 0 ? Long.toString(tenths / 10) : Double.toString(tenths / 10.0);
  }
}
