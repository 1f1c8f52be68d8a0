package io.dinoflow.ops.report;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.workflow.activity.StageResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All facts of a run at one moment, of one that is done as of one that failed half way. What could
 * not be had is said in {@code missing} rather than left out in silence.
 *
 * @param recipe empty where this version cannot read it; its text is in {@code run}
 * @param active time in which the run was running: neither paused nor closed
 * @param stages every stage of the recipe, also those that never began
 * @param chapters the training tracks, those that continue each other together
 * @param lineage one tree for each final checkpoint
 * @param environments what computed, distinct, in the order of the stages
 * @param missing sentences
 */
public record RunReport(
    RunRow run,
    Optional<PipelineRecipe> recipe,
    Duration active,
    List<Stage> stages,
    List<Chapter> chapters,
    Optional<Measured> evaluation,
    List<LineageTree> lineage,
    List<Environment> environments,
    List<Event> events,
    List<String> missing,
    Instant writtenAt) {

  public RunReport {
    stages = List.copyOf(stages);
    chapters = List.copyOf(chapters);
    lineage = List.copyOf(lineage);
    environments = List.copyOf(environments);
    events = List.copyOf(events);
    missing = List.copyOf(missing);
  }

  /**
   * @param kind of stage recipe, such as {@code train}
   * @param took from its beginning to its end, or until now
   * @param facts of the datasets it made, such as how they were taken
   */
  public record Stage(
      String name,
      String kind,
      RunState state,
      String reason,
      Optional<Duration> took,
      Optional<RunId> reusedFrom,
      Optional<StageResult> result,
      List<Track> tracks,
      Map<String, String> facts) {
    public Stage {
      tracks = List.copyOf(tracks);
      facts = Map.copyOf(facts);
    }
  }

  /** A chain of checkpoints with its thinned curves. */
  public record Track(
      TrackId id, List<Checkpoint> checkpoints, List<SeriesPoint> series, List<Refresh> refreshes) {
    public Track {
      checkpoints = List.copyOf(checkpoints);
      series = List.copyOf(series);
      refreshes = List.copyOf(refreshes);
    }

    /** Within its run. */
    public String name() {
      return id.stage() + id.student().map(student -> "/" + student).orElse("");
    }
  }

  /** A checkpoint with the metrics it was committed with. */
  public record Checkpoint(CheckpointRow row, List<Metric> metrics) {
    public Checkpoint {
      metrics = List.copyOf(metrics);
    }
  }

  /**
   * From {@code step} on another checkpoint served as Gram teacher.
   *
   * @param teacher its id
   * @param teacherName its track and step
   */
  public record Refresh(long step, Sha256 teacher, String teacherName) {}

  /** Tracks on one count of steps: a stage and those that continue it. */
  public record Chapter(String title, List<Track> tracks) {
    public Chapter {
      tracks = List.copyOf(tracks);
    }
  }

  /** Processor threads of the recipe; 0 where it is not known. */
  public int threads() {
    return recipe.map(r -> r.compute().threads()).orElse(0);
  }

  /** Of all checkpoints that this run made itself. */
  public List<Checkpoint> ownCheckpoints() {
    return stages.stream()
        .flatMap(stage -> stage.tracks().stream())
        .filter(track -> track.id().run().equals(run.id()))
        .flatMap(track -> track.checkpoints().stream())
        .toList();
  }
}
