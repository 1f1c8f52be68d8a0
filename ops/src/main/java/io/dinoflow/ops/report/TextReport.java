package io.dinoflow.ops.report;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.workflow.activity.StageResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A report as lines for a terminal: the summary, what was made, how good it is against the
 * baselines, where to look, what to try next. Plain text, aligned by spaces, numbers on the right.
 */
public final class TextReport {
  private static final int COMMANDS_MAX = 3;

  private final Places places;
  private final Set<String> commands;

  /**
   * Where to look.
   *
   * @param report the HTML file; empty where none was written
   * @param page the run's page
   * @param temporal the Temporal Web UI
   */
  public record Places(Optional<String> report, Optional<String> page, Optional<String> temporal) {}

  /**
   * @param commands names of the program's commands: only what exists is recommended
   */
  public TextReport(Places places, Set<String> commands) {
    this.places = places;
    this.commands = Set.copyOf(commands);
  }

  public List<String> lines(RunReport report) {
    List<String> lines = new ArrayList<>();
    lines.add("run " + report.run().id() + " is " + report.run().state().word());
    Summary.of(report)
        .lines()
        .forEach(line -> lines.add(" %-10s %s".formatted(line.label(), printable(line.text()))));
    report.missing().forEach(text -> lines.add(" %-10s %s".formatted("missing", printable(text))));
    section(lines, made(report));
    report
        .evaluation()
        .map(Measured::report)
        .map(e -> scores(report))
        .ifPresent(s -> section(lines, s));
    section(lines, where());
    section(lines, next(report));
    return lines;
  }

  private static void section(List<String> lines, List<String> more) {
    if (!more.isEmpty()) {
      lines.add("");
      lines.addAll(more);
    }
  }

  private static List<String> made(RunReport report) {
    Columns columns = new Columns(" ", "lllrr").row("made", "id", "what", "step", "size");
    for (RunReport.Stage stage : report.stages()) {
      Optional<StageResult> result = stage.result();
      String reused = stage.reusedFrom().map(run -> " (from run " + run + ")").orElse("");
      result
          .flatMap(StageResult::dataset)
          .ifPresent(
              d ->
                  columns.row(
                      stage.name(),
                      d.version().shortForm(),
                      "dataset " + d.name() + reused,
                      "",
                      Wording.count(d.samples(), "picture")));
      result.map(StageResult::checkpoints).orElse(List.of()).stream()
          .forEach(
              c ->
                  columns.row(
                      stage.name(),
                      c.id().shortForm(),
                      c.track().student().map(s -> "checkpoint of " + s).orElse("checkpoint")
                          + reused,
                      Wording.count(c.step()),
                      size(stage, c)));
      result
          .flatMap(StageResult::evaluation)
          .ifPresent(
              e -> columns.row(stage.name(), e.id().shortForm(), "evaluation" + reused, "", ""));
    }
    return columns.isHeaderOnly() ? List.of() : columns.lines();
  }

  private static String size(RunReport.Stage stage, CheckpointRef checkpoint) {
    return stage.tracks().stream()
        .flatMap(track -> track.checkpoints().stream())
        .filter(c -> c.row().ref().id().equals(checkpoint.id()))
        .map(c -> Wording.bytes(c.row().bytes()))
        .findFirst()
        .orElse("");
  }

  private static List<String> scores(RunReport report) {
    ReportPage page = ReportPage.of(report, "");
    List<String> lines = new ArrayList<>(table(page.scores()));
    page.verdicts().forEach(verdict -> lines.add("   " + printable(verdict)));
    if (!page.retrieval().isEmpty()) {
      lines.add("");
      lines.addAll(table(page.retrieval()));
    }
    return lines;
  }

  private static List<String> table(ReportPage.Table table) {
    Columns columns = new Columns(" ", "l" + "r".repeat(table.columns().size()));
    List<String> header = new ArrayList<>(List.of(table.first()));
    header.addAll(table.columns());
    columns.row(header.toArray(String[]::new));
    for (ReportPage.Table.Row row : table.rows()) {
      List<String> cells = new ArrayList<>(List.of(row.name()));
      cells.addAll(row.cells());
      columns.row(cells.toArray(String[]::new));
    }
    return columns.lines();
  }

  private List<String> where() {
    List<String> lines = new ArrayList<>();
    places.report().ifPresent(file -> lines.add(" report     " + file));
    places.page().ifPresent(url -> lines.add(" page       " + url));
    places.temporal().ifPresent(url -> lines.add(" temporal   " + url));
    return lines;
  }

  private List<String> next(RunReport report) {
    List<String> all = new ArrayList<>();
    Optional<Sha256> model = finalModel(report);
    model.ifPresent(
        id -> {
          offer(all, "lineage", id.shortForm(), "what it was made from");
          offer(all, "export", id.shortForm(), "for Hugging Face transformers");
          offer(all, "verify", id.shortForm(), "whether every stored byte is right");
        });
    offer(all, "runs", "", "all runs of this home");
    offer(all, "report", report.run().id().value(), "this report again");
    offer(all, "status", "", "what runs in this home");
    offer(all, "down", "", "stop the services; nothing is lost");
    List<String> lines = new ArrayList<>();
    for (String line : all.subList(0, Math.min(COMMANDS_MAX, all.size()))) {
      lines.add(" %-10s %s".formatted(lines.isEmpty() ? "try next" : "", line));
    }
    return lines;
  }

  private void offer(List<String> all, String command, String argument, String why) {
    if (commands.contains(command)) {
      all.add("%-32s %s".formatted(("dinoflow " + command + " " + argument).strip(), why));
    }
  }

  /** The last checkpoint made, students before towers: what one would take away. */
  private static Optional<Sha256> finalModel(RunReport report) {
    return report.stages().stream()
        .filter(stage -> stage.kind().equals("train") || stage.kind().equals("distill"))
        .flatMap(stage -> stage.result().stream())
        .flatMap(result -> result.checkpoints().stream().limit(1))
        .map(CheckpointRef::id)
        .reduce((first, last) -> last);
  }

  /** One line, and nothing that a terminal would take for a command. */
  private static String printable(String text) {
    return text.replaceAll("\\R", " ").replaceAll("\\p{Cntrl}", "?");
  }

  /** Cells under each other. */
  private static final class Columns {
    private final String indent;
    private final String sides;
    private final List<String[]> rows = new ArrayList<>();

    /**
     * @param sides {@code l} or {@code r} for each column
     */
    Columns(String indent, String sides) {
      this.indent = indent;
      this.sides = sides;
    }

    Columns row(String... cells) {
      String[] clean = new String[cells.length];
      for (int i = 0; i < cells.length; i++) {
        clean[i] = printable(cells[i]);
      }
      rows.add(clean);
      return this;
    }

    boolean isHeaderOnly() {
      return rows.size() == 1;
    }

    List<String> lines() {
      int[] widths = new int[sides.length()];
      for (String[] row : rows) {
        for (int i = 0; i < widths.length; i++) {
          widths[i] = Math.max(widths[i], row[i].length());
        }
      }
      return rows.stream().map(row -> line(row, widths)).toList();
    }

    private String line(String[] row, int[] widths) {
      StringBuilder line = new StringBuilder(indent);
      for (int i = 0; i < widths.length; i++) {
        String blank = " ".repeat(widths[i] - row[i].length());
        line.append(i == 0 ? "" : "  ")
            .append(sides.charAt(i) == 'r' ? blank + row[i] : row[i] + blank);
      }
      return line.toString().stripTrailing();
    }
  }
}
