package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.NearestName;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.activity.StageResult;
import java.util.List;
import java.util.Optional;

/**
 * Finds the artifact that a person meant: the beginning of its id, {@code RUN/STAGE[/STUDENT]}, or
 * a dataset's name.
 */
final class References {
  private static final int DIGITS_MIN = 8;
  private static final int LOOK_BACK = 1000;

  private References() {}

  /** The run, or a failure that names the nearest one. */
  static RunRow run(LineageStore lineage, RunId run) {
    return lineage
        .run(run)
        .orElseThrow(
            () ->
                CliFailure.notFound(
                    "no run " + run,
                    "nothing with this id was ever opened here"
                        + NearestName.of(run.value(), runs(lineage))
                            .map(near -> "; did you mean \"" + near + "\"?")
                            .orElse(""),
                    "`dinoflow runs` lists the runs"));
  }

  /** Fails unless the track's run is known and its recipe has the stage. */
  static StageRecipe requireStage(LineageStore lineage, TrackId track) {
    List<StageRecipe> stages = RecordedRecipe.of(run(lineage, track.run())).stages();
    List<String> names = stages.stream().map(StageRecipe::name).toList();
    return stages.stream()
        .filter(stage -> stage.name().equals(track.stage()))
        .findFirst()
        .orElseThrow(
            () ->
                CliFailure.notFound(
                    "no stage " + track.stage() + " in run " + track.run(),
                    "its stages are "
                        + String.join(", ", names)
                        + NearestName.of(track.stage(), names)
                            .map(near -> "; did you mean \"" + near + "\"?")
                            .orElse(""),
                    "`dinoflow show " + track.run() + "` shows them"));
  }

  /** The artifact a reference names. */
  static Sha256 artifact(LineageStore lineage, String reference) {
    if (reference.contains("/")) {
      return ofStage(lineage, Ids.track(reference));
    }
    String digits = reference.startsWith("sha256:") ? reference.substring(7) : reference;
    if (digits.matches("[0-9a-fA-F]{" + DIGITS_MIN + ",64}")) {
      return lineage.find(digits).ref().id();
    }
    Optional<DatasetRef> dataset = lineage.newestDataset(reference);
    if (dataset.isPresent()) {
      return dataset.get().version();
    }
    throw unknown(lineage, reference);
  }

  /** The checkpoint a reference names: an id, or the newest one of a track. */
  static CheckpointRow checkpoint(LineageStore lineage, String reference) {
    ArtifactRow row = row(lineage, artifact(lineage, reference));
    return lineage
        .checkpoint(row.ref().id())
        .orElseThrow(
            () ->
                CliFailure.usage(
                    "%s is no checkpoint".formatted(reference),
                    "it is %s %s".formatted(row.ref().kind(), row.name()),
                    "`dinoflow checkpoints` lists them; a track is RUN/STAGE or RUN/STAGE/STUDENT"));
  }

  private static CliFailure unknown(LineageStore lineage, String reference) {
    Optional<RunRow> run =
        reference.matches("[A-Za-z0-9._:-]{1,120}")
            ? lineage.run(new RunId(reference))
            : Optional.empty();
    if (run.isPresent()) {
      return CliFailure.usage(
          "run %s made several things".formatted(reference),
          "a reference names one of them",
          "name a stage: "
              + String.join(
                  ", ",
                  RecordedRecipe.of(run.get()).stages().stream()
                      .map(stage -> reference + "/" + stage.name())
                      .toList()));
    }
    return CliFailure.notFound(
        "nothing is called \"" + reference + "\"",
        "it is no id (%d to 64 hex digits), no RUN/STAGE and no dataset".formatted(DIGITS_MIN),
        "`dinoflow checkpoints` and `dinoflow dataset list` show what there is");
  }

  private static Sha256 ofStage(LineageStore lineage, TrackId track) {
    Optional<Sha256> head =
        lineage.checkpoints(track).stream()
            .filter(CheckpointRow::head)
            .map(row -> row.ref().id())
            .findFirst();
    return head.or(() -> reusedPlace(lineage, track))
        .or(() -> result(lineage, track))
        .orElseThrow(() -> nothingYet(lineage, track));
  }

  /** A reused stage made nothing; its place in the run points at what it took over. */
  private static Optional<Sha256> reusedPlace(LineageStore lineage, TrackId track) {
    return track.student().isPresent()
        ? Optional.empty()
        : lineage.artifacts(track.run()).stream()
            .filter(artifact -> artifact.ref().kind() == ArtifactKind.STAGE)
            .filter(artifact -> artifact.name().equals(track.toString()))
            .map(artifact -> artifact.ref().id())
            .findFirst();
  }

  private static Optional<Sha256> result(LineageStore lineage, TrackId track) {
    Optional<StageRow> row =
        lineage.stages(track.run()).stream()
            .filter(stage -> stage.name().equals(track.stage()))
            .findFirst();
    Optional<StageResult> result = row.flatMap(RecordedRecipe::result);
    if (result.isEmpty()) {
      return Optional.empty();
    }
    if (track.student().isPresent()) {
      return result.get().checkpoints().stream()
          .filter(checkpoint -> checkpoint.track().student().equals(track.student()))
          .map(checkpoint -> checkpoint.id())
          .findFirst();
    }
    return result
        .get()
        .dataset()
        .map(DatasetRef::version)
        .or(() -> result.get().evaluation().map(evaluation -> evaluation.id()))
        .or(
            () ->
                result.get().checkpoints().size() == 1
                    ? Optional.of(result.get().checkpoints().get(0).id())
                    : Optional.empty());
  }

  private static CliFailure nothingYet(LineageStore lineage, TrackId track) {
    StageRecipe stage = requireStage(lineage, track);
    if (stage instanceof StageRecipe.Distill distill) {
      List<String> students =
          distill.groups().stream()
              .flatMap(group -> group.students().stream())
              .map(student -> track.run() + "/" + stage.name() + "/" + student.name())
              .toList();
      if (!students.contains(track.toString())) {
        return CliFailure.usage(
            "stage %s has a track for each student".formatted(stage.name()),
            "%s names none of them".formatted(track),
            "name one: " + String.join(", ", students));
      }
    }
    return CliFailure.notFound(
        "%s has made nothing yet".formatted(track),
        "no checkpoint or result of it is committed",
        "`dinoflow show " + track.run() + "` says how it stands");
  }

  /** What is known of an artifact that was found. */
  static ArtifactRow row(LineageStore lineage, Sha256 id) {
    return lineage
        .artifact(id)
        .orElseThrow(
            () ->
                CliFailure.notFound(
                    "no artifact " + id.shortForm(),
                    "it was there a moment ago",
                    "repeat the command"));
  }

  private static List<String> runs(LineageStore lineage) {
    return lineage.runs(LOOK_BACK).stream().map(row -> row.id().value()).toList();
  }
}
