package io.dinoflow.ops.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.PrintWriter;
import java.util.List;

/**
 * Where a command writes: results to {@code out}, remarks and progress to {@code err}, so that
 * {@code --json} output can be piped. One JSON value a line; a list prints one element a line.
 */
public final class Printer {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .registerModule(new Jdk8Module())
          .registerModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);

  private final PrintWriter out;
  private final PrintWriter err;

  public Printer(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  /** One line of the result. */
  public void line(String text) {
    out.println(text);
    out.flush();
  }

  /** One line about what is going on; never part of the result. */
  public void note(String text) {
    err.println(text);
    err.flush();
  }

  /** One JSON value on one line of the result. */
  public void json(Object value) {
    try {
      line(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot print as JSON: " + value, e);
    }
  }

  /** A ready JSON tree on one line of the result. */
  public void jsonTree(JsonNode tree) {
    line(tree.toString());
  }

  /** Each element on a line of its own (JSON Lines). */
  public void jsonLines(List<?> values) {
    values.forEach(this::json);
  }
}
