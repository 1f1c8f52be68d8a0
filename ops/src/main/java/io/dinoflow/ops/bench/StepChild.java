package io.dinoflow.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that makes a step when it is told to and sleeps otherwise, so that two can take turns
 * on one machine. One thread uses it; closing it ends the process.
 */
final class StepChild implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int END_SECONDS_MAX = 20;
  private static final int COMPLAINT_LINES = 12;

  private final Process process;
  private final Path complaints;
  private final BufferedReader answers;
  private final BufferedWriter commands;
  private final String name;

  private StepChild(Process process, Path complaints) throws IOException {
    this.process = process;
    this.complaints = complaints;
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.commands =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    this.name = answer().path("ready").asText();
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param complaints file for its standard error
   */
  static StepChild start(List<String> command, Map<String, String> environment, Path complaints)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.to(complaints.toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      return new StepChild(process, complaints);
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** What it calls itself. */
  String name() {
    return name;
  }

  /**
   * One step as it measured it.
   *
   * @param phases seconds of its parts, where it measures them
   */
  record Step(double loss, double seconds, double cpuSeconds, Map<String, Double> phases) {}

  Step step() throws IOException {
    JsonNode facts = ask("step");
    Map<String, Double> phases = new LinkedHashMap<>();
    facts.path("phases").properties().forEach(e -> phases.put(e.getKey(), e.getValue().asDouble()));
    return new Step(
        facts.required("loss").asDouble(),
        facts.required("seconds").asDouble(),
        facts.required("cpuSeconds").asDouble(),
        phases);
  }

  ProcessMemory memory() throws IOException {
    JsonNode facts = ask("memory");
    return new ProcessMemory(
        facts.required("peakBytes").asLong(), facts.required("residentBytes").asLong());
  }

  /** Digests of all that a checkpoint would hold now, by file. */
  Map<String, String> digest() throws IOException {
    Map<String, String> digests = new LinkedHashMap<>();
    ask("digest").properties().forEach(e -> digests.put(e.getKey(), e.getValue().asText()));
    return digests;
  }

  private JsonNode ask(String command) throws IOException {
    commands.write(command);
    commands.newLine();
    commands.flush();
    return answer();
  }

  private JsonNode answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      List<String> said = Files.readAllLines(complaints);
      throw new IOException(
          "the measured process ended: "
              + String.join(
                  "\n", said.subList(Math.max(0, said.size() - COMPLAINT_LINES), said.size())));
    }
    return JSON.readTree(line);
  }

  @Override
  public void close() throws IOException {
    try {
      commands.close();
      if (!process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
