package io.dinoflow.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A {@link LineProcess} that makes a training step when it is told to. */
final class StepChild implements AutoCloseable {
  private final LineProcess process;

  private StepChild(LineProcess process) {
    this.process = process;
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param complaints file for its standard error
   */
  static StepChild start(List<String> command, Map<String, String> environment, Path complaints)
      throws IOException {
    return new StepChild(LineProcess.start(command, environment, complaints));
  }

  /** What it calls itself. */
  String name() {
    return process.name();
  }

  /**
   * One step as it measured it.
   *
   * @param phases seconds of its parts, where it measures them
   */
  record Step(double loss, double seconds, double cpuSeconds, Map<String, Double> phases) {}

  Step step() throws IOException {
    JsonNode facts = process.ask("step");
    Map<String, Double> phases = new LinkedHashMap<>();
    facts.path("phases").properties().forEach(e -> phases.put(e.getKey(), e.getValue().asDouble()));
    return new Step(
        facts.required("loss").asDouble(),
        facts.required("seconds").asDouble(),
        facts.required("cpuSeconds").asDouble(),
        phases);
  }

  ProcessMemory memory() throws IOException {
    JsonNode facts = process.ask("memory");
    return new ProcessMemory(
        facts.required("peakBytes").asLong(), facts.required("residentBytes").asLong());
  }

  /** Digests of all that a checkpoint would hold now, by file. */
  Map<String, String> digest() throws IOException {
    Map<String, String> digests = new LinkedHashMap<>();
    process.ask("digest").properties().forEach(e -> digests.put(e.getKey(), e.getValue().asText()));
    return digests;
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
