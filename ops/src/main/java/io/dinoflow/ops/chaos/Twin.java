package io.dinoflow.ops.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What an undisturbed run of the same recipe made.
 *
 * @param states state digests by stage, student and step
 * @param datasets versions by stage
 */
record Twin(Map<String, Sha256> states, Map<String, List<Sha256>> datasets) {
  private static final RunId RUN = new RunId("twin");
  private static final Duration TOLD = Duration.ofSeconds(20);

  Twin {
    states = Map.copyOf(states);
    datasets = Map.copyOf(datasets);
  }

  /** Runs it, in an installation of its own that is gone afterwards. */
  static Twin run(
      Path folder, Map<String, String> environment, JsonNode request, Consumer<String> say)
      throws Exception {
    try (Site site = Site.start(folder, environment, say)) {
      site.runs().start(RUN, request, "the undisturbed twin");
      try (Witness witness = Witness.of(site)) {
        witness.watch(RUN);
        while (!Patience.until(
            () -> site.runs().status(RUN).filter(Twin::isOver).isPresent(), TOLD)) {
          say.accept("undisturbed: %d commits".formatted(witness.commits().size()));
        }
      }
      site.runs().result(RUN);
      return of(RUN, site.services());
    }
  }

  private static boolean isOver(WorkflowExecutionStatus status) {
    return status != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
  }

  /** What a run has made. */
  static Twin of(RunId run, Services services) {
    LineageStore lineage = services.lineage();
    Map<String, Sha256> states = new TreeMap<>();
    lineage.checkpoints(run).stream()
        .filter(c -> c.state() != CheckpointRow.State.CORRUPT)
        .forEach(c -> states.put(place(c), c.ref().stateDigest()));
    Map<String, List<Sha256>> datasets = new TreeMap<>();
    lineage.stages(run).stream()
        .filter(stage -> stage.kind().equals("curate"))
        .forEach(stage -> datasets.put(stage.name(), stage.outputs()));
    return new Twin(states, datasets);
  }

  static String place(CheckpointRow checkpoint) {
    TrackId track = checkpoint.ref().track();
    return "%s%s@%d"
        .formatted(
            track.stage(),
            track.student().map(student -> "/" + student).orElse(""),
            checkpoint.ref().step());
  }

  /** What another run made otherwise, or did not make; stops in between it may have more. */
  List<String> differences(Twin other) {
    TreeSet<String> found = new TreeSet<>();
    states.forEach(
        (place, digest) -> {
          Sha256 theirs = other.states().get(place);
          if (theirs == null) {
            found.add(place + " is not committed");
          } else if (!theirs.equals(digest)) {
            found.add(
                "%s has state %s, undisturbed %s"
                    .formatted(place, theirs.shortForm(), digest.shortForm()));
          }
        });
    datasets.forEach(
        (stage, versions) -> {
          if (!versions.equals(other.datasets().get(stage))) {
            found.add(
                "%s made dataset %s, undisturbed %s"
                    .formatted(stage, other.datasets().get(stage), versions));
          }
        });
    return List.copyOf(found);
  }
}
