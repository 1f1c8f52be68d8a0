package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.storage.checkpoint.Environment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How an attempt to train a checkpoint again ended.
 *
 * @param run that trained it; empty where it was not tried
 * @param fromStep where the training began
 * @param made what it ended with
 * @param differences what this machine computes with otherwise than the one that made the original
 */
record Reproduction(
    CheckpointRef wanted,
    Optional<RunId> run,
    long fromStep,
    Optional<CheckpointRef> made,
    List<String> differences) {
  Reproduction {
    differences = List.copyOf(differences);
  }

  static Reproduction notTried(CheckpointRef wanted, List<String> differences) {
    return new Reproduction(wanted, Optional.empty(), 0, Optional.empty(), differences);
  }

  /** All that may change the bits, and does differ. Unknown is not different. */
  static List<String> differences(Optional<Environment> then, Environment now) {
    List<String> differences = new ArrayList<>();
    then.ifPresent(
        old -> {
          compare("engine", old.engine(), now.engine(), differences);
          compare("kernels", old.kernelDigest(), now.kernelDigest(), differences);
          compare("device", old.device(), now.device(), differences);
          if (now.device().startsWith("cuda")) {
            differences.add("order of sums: not fixed on %s".formatted(now.device()));
          }
          compare("instruction set", old.instructionSet(), now.instructionSet(), differences);
          compare("threads", "" + old.threads(), "" + now.threads(), differences);
        });
    return differences;
  }

  private static void compare(String what, String then, String now, List<String> differences) {
    if (!then.equals(now)) {
      differences.add("%s: %s then, %s here".formatted(what, then, now));
    }
  }

  boolean identical() {
    return made.isPresent() && made.get().stateDigest().equals(wanted.stateDigest());
  }

  /** One word, for programs. */
  String verdict() {
    if (identical()) {
      return "identical";
    }
    return differences.isEmpty() ? "different" : "not comparable";
  }

  ExitCode code() {
    return switch (verdict()) {
      case "identical" -> ExitCode.OK;
      case "different" -> ExitCode.RUN_FAILED;
      default -> ExitCode.CONFLICT;
    };
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        " %-10s %s of %s at step %s"
            .formatted(
                "wanted",
                wanted.id().shortForm(),
                wanted.track(),
                Quantities.count(wanted.step())));
    run.ifPresent(
        id ->
            lines.add(
                " %-10s run %s, from step %s"
                    .formatted("trained", id, Quantities.count(fromStep))));
    differences.forEach(difference -> lines.add(" %-10s %s".formatted("differs", difference)));
    lines.add(
        switch (verdict()) {
          case "identical" ->
              " identical: the state digest is %s again"
                  .formatted(wanted.stateDigest().shortForm());
          case "different" ->
              " different: the state digest was %s and is %s"
                  .formatted(
                      wanted.stateDigest().shortForm(),
                      made.map(ref -> ref.stateDigest().shortForm()).orElse("-"));
          default ->
              run.isPresent()
                  ? " not comparable: the state differs, and so does what computed it"
                  : " not comparable: this machine computes otherwise; --anyway trains all the same";
        });
    return lines;
  }

  Map<String, Object> json() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("checkpoint", wanted.id().hex());
    facts.put("track", wanted.track().toString());
    facts.put("step", wanted.step());
    facts.put("verdict", verdict());
    facts.put("stateDigest", wanted.stateDigest().hex());
    facts.put("reproducedStateDigest", made.map(ref -> ref.stateDigest().hex()));
    facts.put("run", run.map(RunId::value));
    facts.put("fromStep", fromStep);
    facts.put("differences", differences);
    return facts;
  }
}
