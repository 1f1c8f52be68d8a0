package io.dinoflow.activity.distill;

import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.activity.support.Segment;
import io.dinoflow.activity.support.Segment.Origin;
import io.dinoflow.activity.support.SegmentRunner;
import io.dinoflow.activity.support.Workbench;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.train.TrainJob;
import io.dinoflow.model.train.Trainer;
import io.dinoflow.model.train.Trainers;
import io.dinoflow.workflow.activity.DistillActivities;
import io.dinoflow.workflow.activity.SegmentResult;
import io.temporal.activity.Activity;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Trains a group with {@link Trainers#distill}: claims, steps and commits are shared. */
public final class DistillActivitiesImpl implements DistillActivities {
  private static final Set<String> TEACHER_PARTS =
      Set.of("teacher.safetensors", "heads.safetensors");

  private final Workbench bench;
  private final SegmentRunner runner;
  private final Function<TrainJob, Trainer> trainer;

  public DistillActivitiesImpl(Workbench bench) {
    this(bench, Trainers::distill);
  }

  /** For trainers that stand in for the real one where no tensors are wanted. */
  public DistillActivitiesImpl(Workbench bench, Function<TrainJob, Trainer> trainer) {
    this.bench = bench;
    this.runner = new SegmentRunner(bench);
    this.trainer = trainer;
  }

  @Override
  public SegmentResult distillSegment(DistillSegment request) {
    return FailureMapper.mapped(() -> runner.run(segment(request), Activity.getExecutionContext()));
  }

  private Segment segment(DistillSegment request) {
    PipelineRecipe recipe =
        bench
            .recipes()
            .current(request.run(), request.recipe(), request.stage() + "/" + request.group());
    StageRecipe.Distill stage = recipe.stage(request.stage(), StageRecipe.Distill.class);
    Map<String, TrackId> tracks = new LinkedHashMap<>();
    for (String student : request.students()) {
      tracks.put(student, TrackId.ofStudent(request.run(), request.stage(), student));
    }
    return new Segment(
        request.run(),
        recipe,
        stage.name(),
        request.group(),
        tracks,
        0,
        request.fromStep(),
        request.untilStep(),
        stage.steps(),
        stage.checkpointing(),
        Optional.of(
            new Origin(
                request.teacher(),
                EdgeKind.DISTILLED_FROM,
                TEACHER_PARTS::contains,
                Origin.Use.ALWAYS)),
        Optional.empty(),
        request.dataset(),
        request.profileSteps(),
        trainer);
  }
}
