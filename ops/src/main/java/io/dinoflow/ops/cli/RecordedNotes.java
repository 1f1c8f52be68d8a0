package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.ops.run.StageNotes;
import io.dinoflow.storage.jdbc.DatabaseUnavailableException;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.PipelineProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the database says of a stage, in the few words that stand beside it on a terminal. */
final class RecordedNotes implements StageNotes {
  private static final int METRICS_MAX = 3;

  private final LineageStore lineage;
  private final RunId run;

  RecordedNotes(LineageStore lineage, RunId run) {
    this.lineage = lineage;
    this.run = run;
  }

  @Override
  public Note of(PipelineProgress.Stage stage) {
    try {
      return stage.state().equals("waiting") ? ahead(stage) : behind(stage);
    } catch (DatabaseUnavailableException silent) {
      // the picture of the run comes from Temporal and goes on without these words
      return NONE.of(stage);
    }
  }

  private Note ahead(PipelineProgress.Stage stage) {
    return new Note(
        lineage
            .run(run)
            .map(RecordedRecipe::of)
            .flatMap(recipe -> recipe.stage(stage.name()))
            .map(RecordedNotes::outlook)
            .orElse(""),
        Optional.empty());
  }

  private Note behind(PipelineProgress.Stage stage) {
    Optional<StageRow> row =
        lineage.stages(run).stream().filter(r -> r.name().equals(stage.name())).findFirst();
    Optional<Duration> took =
        row.filter(r -> r.reusedFrom().isEmpty())
            .flatMap(
                r -> r.startedAt().flatMap(a -> r.finishedAt().map(b -> Duration.between(a, b))));
    return new Note(
        row.flatMap(RecordedRecipe::result)
            .map(result -> outcome(stage, result))
            .or(() -> row.map(StageRow::reason))
            .orElse(""),
        took);
  }

  private String outcome(PipelineProgress.Stage stage, StageResult result) {
    List<String> words = new ArrayList<>();
    result
        .dataset()
        .ifPresent(
            made ->
                words.add(
                    result
                            .source()
                            .map(from -> Quantities.count(from.samples()) + " pictures -> ")
                            .orElse("")
                        + Quantities.count(made.samples())));
    if (stage.lastStep() > stage.firstStep()) {
      words.add(Quantities.count(stage.lastStep() - stage.firstStep()) + " steps");
    }
    if (result.checkpoints().size() == 1) {
      loss(result.checkpoints().get(0)).ifPresent(words::add);
    } else if (!result.checkpoints().isEmpty()) {
      words.add(
          result.checkpoints().stream()
              .flatMap(c -> c.track().student().stream())
              .collect(Collectors.joining(", ")));
    }
    result.metrics().stream()
        .filter(metric -> metric.name().endsWith("knn10.top1"))
        .limit(METRICS_MAX)
        .forEach(
            metric ->
                words.add(
                    String.format(
                        Locale.ROOT,
                        "%s kNN %.1f %%",
                        metric.name().replaceFirst("\\.?knn10\\.top1$", ""),
                        100 * metric.value())));
    return String.join("   ", words);
  }

  private Optional<String> loss(CheckpointRef last) {
    List<SeriesPoint> losses =
        lineage.series(last.track()).stream()
            .filter(point -> point.name().equals("total_loss"))
            .toList();
    return losses.size() < 2
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "loss %.2f -> %.2f",
                losses.get(0).value(),
                losses.get(losses.size() - 1).value()));
  }

  /** What a stage is about to do. */
  static String outlook(StageRecipe stage) {
    return stage.match(
        new StageRecipe.Cases<>() {
          @Override
          public String curate(StageRecipe.Curate curate) {
            return curate.targetSize() == 0
                ? "all images, without duplicates"
                : "about %s images in balance"
                    .formatted(Quantities.count(curate.targetSize() + curate.retrievalSize()));
          }

          @Override
          public String train(StageRecipe.Train train) {
            return "%s steps at %s px"
                .formatted(
                    Quantities.count(train.steps()),
                    train.crops().sizes().stream()
                        .map(CropRecipe.Size::global)
                        .map(String::valueOf)
                        .distinct()
                        .collect(Collectors.joining("/")));
          }

          @Override
          public String distill(StageRecipe.Distill distill) {
            return "%s from %s's teacher, %s steps"
                .formatted(
                    distill.groups().stream()
                        .flatMap(group -> group.students().stream())
                        .map(student -> student.name())
                        .collect(Collectors.joining(", ")),
                    distill.teacher(),
                    Quantities.count(distill.steps()));
          }

          @Override
          public String alignText(StageRecipe.AlignText align) {
            return "%s steps, captions with %s"
                .formatted(Quantities.count(align.steps()), align.vision());
          }

          @Override
          public String evaluate(StageRecipe.Evaluate evaluate) {
            return String.join(" ", evaluate.subjects())
                + (evaluate.text().isEmpty() ? "" : " " + evaluate.text());
          }

          @Override
          public String importModel(StageRecipe.Import from) {
            return "the imported model " + from.from();
          }
        });
  }
}
