package io.dinoflow.activity.align;

import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.activity.support.Segment;
import io.dinoflow.activity.support.Segment.Origin;
import io.dinoflow.activity.support.SegmentRunner;
import io.dinoflow.activity.support.Workbench;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.train.TrainJob;
import io.dinoflow.model.train.Trainer;
import io.dinoflow.model.train.Trainers;
import io.dinoflow.workflow.activity.AlignActivities;
import io.dinoflow.workflow.activity.SegmentResult;
import io.temporal.activity.Activity;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Trains text towers with {@link Trainers#align}. */
public final class AlignActivitiesImpl implements AlignActivities {
  private final Workbench bench;
  private final SegmentRunner runner;
  private final Function<TrainJob, Trainer> trainer;

  public AlignActivitiesImpl(Workbench bench) {
    this(bench, Trainers::align);
  }

  /** For trainers that stand in for the real one where no tensors are wanted. */
  public AlignActivitiesImpl(Workbench bench, Function<TrainJob, Trainer> trainer) {
    this.bench = bench;
    this.runner = new SegmentRunner(bench);
    this.trainer = trainer;
  }

  @Override
  public SegmentResult alignSegment(AlignSegment request) {
    return FailureMapper.mapped(() -> runner.run(segment(request), Activity.getExecutionContext()));
  }

  private Segment segment(AlignSegment request) {
    PipelineRecipe recipe =
        bench.recipes().current(request.track().run(), request.recipe(), request.track().stage());
    StageRecipe.AlignText stage =
        recipe.stage(request.track().stage(), StageRecipe.AlignText.class);
    return new Segment(
        request.track().run(),
        recipe,
        stage.name(),
        "",
        Map.of("", request.track()),
        0,
        request.fromStep(),
        request.untilStep(),
        stage.steps(),
        stage.checkpointing(),
        Optional.of(
            new Origin(
                request.vision(),
                EdgeKind.DISTILLED_FROM,
                "teacher.safetensors"::equals,
                Origin.Use.ALWAYS)),
        Optional.empty(),
        request.dataset(),
        request.profileSteps(),
        trainer);
  }
}
