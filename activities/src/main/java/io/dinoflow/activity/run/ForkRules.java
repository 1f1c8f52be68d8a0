package io.dinoflow.activity.run;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StagePlan.GramPlan;
import io.dinoflow.workflow.activity.StagePlan.GroupPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What a run that begins in the middle may change, and what it must take along. */
final class ForkRules {
  private final LineageStore lineage;

  ForkRules(LineageStore lineage) {
    this.lineage = lineage;
  }

  /** Overrides that would change what is not computed again. */
  List<String> problems(PipelineRecipe before, PipelineRecipe after, String stage) {
    List<String> problems = new ArrayList<>();
    if (!before.data().equals(after.data())) {
      problems.add("data: the pictures are taken over from the old run, so this changes nothing");
    }
    for (StageRecipe taken : Plans.ancestors(after, after.stage(stage).orElseThrow())) {
      if (!before.stage(taken.name()).equals(Optional.of(taken))) {
        problems.add(
            "%s: the stage comes before the fork and is taken over as it is, so this changes nothing"
                .formatted(taken.name()));
      }
    }
    if (after.compute().threads() == 0) {
      problems.add("compute.threads: is 0, must be a number: it is part of what is computed");
    }
    return problems;
  }

  /** Overrides that the states of the stage's tracks would not fit. */
  static void checkShape(
      PipelineRecipe before, PipelineRecipe after, String stage, List<String> problems) {
    if (!sameShape(before, after, stage)) {
      problems.add(
          "%s: the fork begins with a state of this stage, so what the state is made of cannot change (%s)"
              .formatted(stage, "start, teacher, groups, vision, student, text"));
    }
  }

  /** Whether a state of the stage means the same in both. */
  static boolean sameShape(PipelineRecipe before, PipelineRecipe after, String stage) {
    Object old = before.stage(stage).map(ForkRules::shape).orElse("");
    return old.equals(after.stage(stage).map(ForkRules::shape).orElse(""));
  }

  private static Object shape(StageRecipe stage) {
    return stage.match(
        new StageRecipe.Cases<Object>() {
          @Override
          public Object curate(StageRecipe.Curate curate) {
            return curate;
          }

          @Override
          public Object train(StageRecipe.Train train) {
            return train.start();
          }

          @Override
          public Object distill(StageRecipe.Distill distill) {
            return List.of(distill.teacher(), distill.groups());
          }

          @Override
          public Object alignText(StageRecipe.AlignText align) {
            return List.of(align.vision(), align.student(), align.text());
          }

          @Override
          public Object evaluate(StageRecipe.Evaluate evaluate) {
            return evaluate;
          }

          @Override
          public Object importModel(StageRecipe.Import from) {
            return from;
          }
        });
  }

  /**
   * The checkpoints that the tracks of a stage begin with: the asked one, those of the students
   * that stand together with it, and before them the ones that serve as Gram teachers by their
   * place in the track.
   */
  Map<TrackId, List<CheckpointRef>> seeds(
      StagePlan plan, CheckpointRef checkpoint, List<String> problems) {
    Map<TrackId, List<CheckpointRef>> seeds = new LinkedHashMap<>();
    for (TrackId track : together(plan, checkpoint.track())) {
      List<CheckpointRef> readable = readable(track);
      List<CheckpointRef> chosen = new ArrayList<>();
      for (long step : teacherSteps(plan, checkpoint.step())) {
        find(readable, track, step, "it was a Gram teacher", problems).ifPresent(chosen::add);
      }
      find(readable, track, checkpoint.step(), "it is what the fork begins with", problems)
          .ifPresent(chosen::add);
      seeds.put(track, chosen);
    }
    return seeds;
  }

  private List<CheckpointRef> readable(TrackId track) {
    return lineage.checkpoints(track).stream()
        .filter(row -> row.state() == CheckpointRow.State.COMMITTED)
        .map(CheckpointRow::ref)
        .toList();
  }

  private static Optional<CheckpointRef> find(
      List<CheckpointRef> readable, TrackId track, long step, String why, List<String> problems) {
    Optional<CheckpointRef> found = readable.stream().filter(ref -> ref.step() == step).findFirst();
    if (found.isEmpty()) {
      problems.add(
          "the checkpoint of %s at step %d cannot be read any more, and %s; readable are steps %s"
              .formatted(track, step, why, readable.stream().map(CheckpointRef::step).toList()));
    }
    return found;
  }

  /** Students of a group are trained and committed together. */
  private static List<TrackId> together(StagePlan plan, TrackId track) {
    if (track.student().isEmpty()) {
      return List.of(track);
    }
    return plan.groups().stream()
        .map(GroupPlan::students)
        .filter(students -> students.contains(track.student().get()))
        .flatMap(List::stream)
        .map(student -> TrackId.ofStudent(track.run(), track.stage(), student))
        .toList();
  }

  /** Refreshes before {@code step}, at which the track's own checkpoint became the teacher. */
  static List<Long> teacherSteps(StagePlan plan, long step) {
    List<Long> steps = new ArrayList<>();
    Optional<GramPlan> gram = plan.gram().filter(g -> g.everySteps() > 0);
    if (gram.isPresent()) {
      long every = gram.get().everySteps();
      int max = gram.get().updatesMax();
      for (long at = plan.firstStep() + every;
          at < step && (max == 0 || steps.size() < max);
          at += every) {
        steps.add(at);
      }
    }
    return steps;
  }

  /** Whether the stage can begin with this checkpoint in place of the one it began with. */
  void checkOrigin(
      PipelineRecipe recipe, StagePlan plan, CheckpointRef checkpoint, List<String> problems) {
    String of = checkpoint.track().stage();
    if (!plan.origin().equals(Optional.of(of))
        || !plan.originStudent().equals(checkpoint.track().student())) {
      problems.add(
          "stage %s begins with %s, and the checkpoint is of %s"
              .formatted(
                  plan.name(),
                  plan.origin()
                      .map(origin -> "stage " + origin)
                      .orElseGet(() -> beginning(recipe.stage(plan.name()))),
                  checkpoint.track()));
    }
    Optional<StageRecipe> stage = recipe.stage(plan.name());
    boolean continues =
        stage.isPresent()
            && stage.get() instanceof StageRecipe.Train train
            && train.start() instanceof Start.Continue;
    if (continues && checkpoint.step() != plan.firstStep()) {
      problems.add(
          "stage %s continues at step %d and the checkpoint stands at %d: without --stage the fork goes on within %s"
              .formatted(plan.name(), plan.firstStep(), checkpoint.step(), of));
    }
    boolean readable =
        readable(checkpoint.track()).stream().anyMatch(ref -> Objects.equals(ref, checkpoint));
    if (!readable) {
      problems.add("checkpoint %s cannot be read any more".formatted(checkpoint.id().shortForm()));
    }
  }

  /** What a stage begins with that begins with none of its run's. */
  private static String beginning(Optional<StageRecipe> stage) {
    return stage.isPresent()
            && stage.get() instanceof StageRecipe.Train train
            && train.start() instanceof Start.FromCheckpoint from
        ? "checkpoint %s of another run, which start.checkpoint of a new run's recipe can change"
            .formatted(from.checkpoint().shortForm())
        : "no checkpoint";
  }
}
