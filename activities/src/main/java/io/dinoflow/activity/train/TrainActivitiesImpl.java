package io.dinoflow.activity.train;

import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.activity.support.Segment;
import io.dinoflow.activity.support.Segment.Origin;
import io.dinoflow.activity.support.SegmentRunner;
import io.dinoflow.activity.support.StartingPoints;
import io.dinoflow.activity.support.Workbench;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.train.TrainJob;
import io.dinoflow.model.train.Trainer;
import io.dinoflow.model.train.Trainers;
import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.activity.TrainActivities;
import io.temporal.activity.Activity;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** Trains one track with {@link Trainers#ssl}. */
public final class TrainActivitiesImpl implements TrainActivities {
  private final Workbench bench;
  private final SegmentRunner runner;
  private final StartingPoints points;
  private final Function<TrainJob, Trainer> trainer;

  public TrainActivitiesImpl(Workbench bench) {
    this(bench, Trainers::ssl);
  }

  /** For trainers that stand in for the real one where no tensors are wanted. */
  public TrainActivitiesImpl(Workbench bench, Function<TrainJob, Trainer> trainer) {
    this.bench = bench;
    this.runner = new SegmentRunner(bench);
    this.points = new StartingPoints(bench.lineage());
    this.trainer = trainer;
  }

  @Override
  public SegmentResult trainSegment(TrainSegment request) {
    return FailureMapper.mapped(() -> runner.run(segment(request), Activity.getExecutionContext()));
  }

  private Segment segment(TrainSegment request) {
    PipelineRecipe recipe =
        bench.recipes().current(request.track().run(), request.recipe(), request.track().stage());
    StageRecipe.Train stage = recipe.stage(request.track().stage(), StageRecipe.Train.class);
    long first = recipe.firstStep(stage);
    return new Segment(
        request.track().run(),
        recipe,
        stage.name(),
        "",
        Map.of("", request.track()),
        first,
        request.fromStep(),
        request.untilStep(),
        first + stage.steps(),
        stage.checkpointing(),
        request
            .origin()
            .or(() -> points.of(stage))
            .map(
                origin ->
                    new Origin(
                        origin,
                        EdgeKind.INITIALISED_FROM,
                        needed(stage.start()),
                        Origin.Use.AT_THE_BEGINNING)),
        request.gramTeacher(),
        request.dataset(),
        request.profileSteps(),
        trainer);
  }

  /** Only a continued track takes the optimizer's moments along. */
  private static Predicate<String> needed(Start start) {
    boolean continued = start instanceof Start.Continue;
    return part ->
        part.endsWith(".safetensors")
            ? continued || !part.equals("optimizer.safetensors")
            : continued && part.equals("guard.json");
  }
}
