package io.dinoflow.activity.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.train.Phase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Where the time of some steps went: spans on two threads, from the first one's beginning on.
 *
 * <p>As JSON it is Chrome's Trace Event Format (complete events, microseconds), which {@code
 * chrome://tracing} and Perfetto open. Reading it back gives the same spans to the nanosecond, so a
 * table made of the file is the table of what was measured.
 *
 * @param scope the stage, or {@code stage/group} of a Distill stage
 */
public record StepProfile(RunId run, String scope, List<Span> spans) {
  /** The name of the span around all parts of one step. */
  static final String STEP = "step";

  /** The name of a commit's span on the side thread. */
  static final String COMMIT = "commit";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PROCESS = 1;
  private static final double NANOS_A_MICRO = 1e3;

  public StepProfile {
    spans = List.copyOf(spans);
  }

  /** A thread of the worker; its number in the file is its place here, from 1 on. */
  public enum Lane {
    TRAINING,
    COMMIT;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    private int number() {
      return ordinal() + 1;
    }
  }

  /**
   * @param name a {@link Phase#word}, {@code step} or {@code commit}
   * @param step steps behind the state after it
   * @param fromNanos since the profile's first span
   */
  public record Span(Lane lane, String name, long step, long fromNanos, long tookNanos) {
    long untilNanos() {
      return fromNanos + tookNanos;
    }
  }

  /**
   * A part's line of the table.
   *
   * @param medianNanos of its sums in each step, 0 where a step had none of it
   * @param share of all parts on the training thread, 0 to 1
   */
  public record Part(String phase, long totalNanos, long medianNanos, double share) {}

  /** The steps it has, in order. */
  public List<Long> steps() {
    return spans.stream().filter(span -> span.name().equals(STEP)).map(Span::step).toList();
  }

  /** What the training thread did, part by part in the order of {@link Phase}. */
  public List<Part> parts() {
    List<Long> steps = steps();
    long all = 0;
    Map<String, Map<Long, Long>> sums = new HashMap<>();
    for (Span span : spans) {
      if (span.lane() == Lane.TRAINING && !span.name().equals(STEP)) {
        sums.computeIfAbsent(span.name(), name -> new HashMap<>())
            .merge(span.step(), span.tookNanos(), Long::sum);
        all += span.tookNanos();
      }
    }
    List<Part> parts = new ArrayList<>();
    for (Phase phase : Phase.values()) {
      Map<Long, Long> sum = sums.getOrDefault(phase.word(), Map.of());
      if (!sum.isEmpty()) {
        long total = sum.values().stream().mapToLong(Long::longValue).sum();
        long median = median(steps.stream().mapToLong(step -> sum.getOrDefault(step, 0L)));
        parts.add(new Part(phase.word(), total, median, total / (double) Math.max(1, all)));
      }
    }
    return parts;
  }

  private static long median(LongStream values) {
    long[] sorted = values.sorted().toArray();
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return 0;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The file's text. */
  String json() throws IOException {
    ObjectNode trace = JSON.createObjectNode();
    trace.put("displayTimeUnit", "ms");
    trace.putObject("otherData").put("run", run.value()).put("scope", scope);
    ArrayNode events = trace.putArray("traceEvents");
    for (Lane lane : Lane.values()) {
      ObjectNode name = event(events, "M", "thread_name", lane);
      name.putObject("args").put("name", lane.word());
    }
    for (Span span : spans) {
      ObjectNode event = event(events, "X", span.name(), span.lane());
      event.put("cat", span.name().equals(STEP) ? STEP : "phase");
      event.put("ts", span.fromNanos() / NANOS_A_MICRO);
      event.put("dur", span.tookNanos() / NANOS_A_MICRO);
      event.putObject("args").put("step", span.step());
    }
    return JSON.writeValueAsString(trace);
  }

  private static ObjectNode event(ArrayNode events, String kind, String name, Lane lane) {
    return events
        .addObject()
        .put("ph", kind)
        .put("name", name)
        .put("pid", PROCESS)
        .put("tid", lane.number());
  }

  /** Reads what {@link #json} wrote; an IOException says that this is no profile. */
  static StepProfile read(String json) throws IOException {
    JsonNode trace = JSON.readTree(json);
    JsonNode about = trace.path("otherData");
    List<Span> spans = new ArrayList<>();
    for (JsonNode event : trace.path("traceEvents")) {
      if (event.path("ph").asText().equals("X")) {
        spans.add(
            new Span(
                lane(event.path("tid").asInt()),
                event.path("name").asText(),
                event.path("args").path("step").asLong(),
                Math.round(event.path("ts").asDouble() * NANOS_A_MICRO),
                Math.round(event.path("dur").asDouble() * NANOS_A_MICRO)));
      }
    }
    if (!about.path("run").isTextual() || !about.path("scope").isTextual()) {
      throw new IOException("this is no profile of a run: otherData names no run and scope");
    }
    return new StepProfile(
        new RunId(about.path("run").asText()), about.path("scope").asText(), spans);
  }

  private static Lane lane(int number) throws IOException {
    for (Lane lane : Lane.values()) {
      if (lane.number() == number) {
        return lane;
      }
    }
    throw new IOException("thread %d is none of a profile's".formatted(number));
  }
}
