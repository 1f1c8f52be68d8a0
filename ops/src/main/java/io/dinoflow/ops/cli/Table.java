package io.dinoflow.ops.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows under aligned headings, two blanks between columns, numbers to the right, no box drawing.
 * The last column is not padded, so that a line never ends in blanks.
 */
final class Table {
  /** On which side a column's cells stand. */
  enum Side {
    LEFT,
    RIGHT
  }

  private final List<String> headings = new ArrayList<>();
  private final List<Side> sides = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();

  /** Adds a column of words. */
  Table left(String heading) {
    return column(heading, Side.LEFT);
  }

  /** Adds a column of numbers. */
  Table right(String heading) {
    return column(heading, Side.RIGHT);
  }

  /** Adds a row with a cell for each column. */
  Table row(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "a row of %d cells for %d columns".formatted(cells.length, headings.size()));
    }
    rows.add(Arrays.stream(cells).map(cell -> cell.replaceAll("\\s*\\R\\s*", " ")).toList());
    return this;
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The headings and the rows; nothing where there is no row. */
  List<String> lines() {
    if (rows.isEmpty()) {
      return List.of();
    }
    List<String> lines = new ArrayList<>(List.of(line(headings)));
    rows.forEach(row -> lines.add(line(row)));
    return lines;
  }

  private Table column(String heading, Side side) {
    headings.add(heading);
    sides.add(side);
    return this;
  }

  private String line(List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      int width = width(i);
      String blanks = " ".repeat(width - cells.get(i).length());
      line.append(i == 0 ? " " : "  ")
          .append(sides.get(i) == Side.RIGHT ? blanks + cells.get(i) : cells.get(i) + blanks);
    }
    return line.toString().stripTrailing();
  }

  private int width(int column) {
    int width = headings.get(column).length();
    for (List<String> row : rows) {
      width = Math.max(width, row.get(column).length());
    }
    return width;
  }
}
