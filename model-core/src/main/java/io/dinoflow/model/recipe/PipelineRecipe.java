package io.dinoflow.model.recipe;

import io.dinoflow.model.artifact.TrackId;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A whole run: its seed, compute, source images and ordered stages with unique names.
 *
 * <p>A stage refers to an earlier one by name.
 */
public record PipelineRecipe(
    String name,
    String description,
    long seed,
    ComputeRecipe compute,
    DataRecipe data,
    List<StageRecipe> stages) {

  /** Written out, because the last check reads the finished record. */
  public PipelineRecipe(
      String name,
      String description,
      long seed,
      ComputeRecipe compute,
      DataRecipe data,
      List<StageRecipe> stages) {
    Check.name("name", name);
    this.name = name;
    this.description = description;
    this.seed = seed;
    this.compute = compute;
    this.data = data;
    this.stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("stages is empty, must name at least one stage");
    }
    Set<String> seen = new HashSet<>();
    for (StageRecipe stage : stages) {
      for (String needed : stage.needs()) {
        if (!seen.contains(needed)) {
          throw new IllegalArgumentException(
              "stage \"%s\" refers to \"%s\", which is no earlier stage; earlier stages: %s"
                  .formatted(stage.name(), needed, seen));
        }
      }
      if (!seen.add(stage.name())) {
        throw new IllegalArgumentException(
            "stage name \"%s\" is used twice".formatted(stage.name()));
      }
    }
    stages.forEach(stage -> References.check(this, stage));
    stages.forEach(stage -> CropFit.check(this, stage));
  }

  public Optional<StageRecipe> stage(String stageName) {
    return stages.stream().filter(s -> s.name().equals(stageName)).findFirst();
  }

  /** The stage of that name and type. */
  public <T extends StageRecipe> T stage(String stageName, Class<T> type) {
    StageRecipe stage =
        stage(stageName)
            .orElseThrow(() -> new IllegalArgumentException("no stage \"" + stageName + "\""));
    if (!type.isInstance(stage)) {
      throw new IllegalArgumentException(
          "stage \"%s\" is %s, not %s"
              .formatted(stageName, stage.getClass().getSimpleName(), type.getSimpleName()));
    }
    return type.cast(stage);
  }

  /**
   * The architecture that the chain of starts from {@code train} leads to, as a start with random
   * weights.
   */
  public Start.Fresh architecture(StageRecipe.Train train) {
    return architecture(beginning(train));
  }

  /** The architecture of a Train or Import stage. */
  Start.Fresh architecture(StageRecipe stage) {
    if (stage instanceof StageRecipe.Import from) {
      return new Start.Fresh(from.student(), from.dinoHead(), from.ibotHead());
    }
    StageRecipe.Train train = (StageRecipe.Train) stage;
    if (train.start() instanceof Start.FromCheckpoint from) {
      return from.architecture();
    }
    return train.start() instanceof Start.Fresh fresh ? fresh : architecture(beginning(train));
  }

  /**
   * The Train stage with an architecture of its own, or the Import stage, that the chain of starts
   * from {@code train} leads to.
   */
  public StageRecipe beginning(StageRecipe.Train train) {
    return train
        .start()
        .match(
            new Start.Cases<>() {
              @Override
              public StageRecipe fresh(Start.Fresh fresh) {
                return train;
              }

              @Override
              public StageRecipe resume(Start.Continue from) {
                return beginning(stage(from.from(), StageRecipe.Train.class));
              }

              @Override
              public StageRecipe fromTeacher(Start.FromTeacher from) {
                return stage(from.from()).orElseThrow() instanceof StageRecipe.Import imported
                    ? imported
                    : beginning(stage(from.from(), StageRecipe.Train.class));
              }

              @Override
              public StageRecipe fromCheckpoint(Start.FromCheckpoint from) {
                return train;
              }
            });
  }

  /**
   * What the frozen vision tower of a text alignment is, and which pictures it was trained on.
   *
   * @throws IllegalArgumentException the stage names no tower: a Train stage has one, a Distill
   *     stage one for each student
   */
  public VisionTower visionTower(StageRecipe.AlignText align) {
    return tower(align.vision(), Optional.of(align.student()).filter(s -> !s.isEmpty()))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "stage \"%s\": vision \"%s\" with student \"%s\" is no vision tower, must be a train or import stage without a student, or a distill stage with one of its students %s"
                        .formatted(
                            align.name(),
                            align.vision(),
                            align.student(),
                            students(stage(align.vision()).orElseThrow()).stream()
                                .map(StudentRecipe::name)
                                .toList())));
  }

  /** The backbone that a stage's checkpoints hold; empty where they hold none. */
  public Optional<VisionTower> tower(String stageName, Optional<String> student) {
    StageRecipe stage = stage(stageName, StageRecipe.class);
    if (stage instanceof StageRecipe.Train train && student.isEmpty()) {
      return Optional.of(VisionTower.of(architecture(train).student(), train.crops()));
    }
    if (stage instanceof StageRecipe.Import from && student.isEmpty()) {
      return Optional.of(
          new VisionTower(from.student(), from.rgbMean(), from.rgbStd(), from.imageSize()));
    }
    if (stage instanceof StageRecipe.Distill distill) {
      return students(distill).stream()
          .filter(s -> Optional.of(s.name()).equals(student))
          .map(s -> VisionTower.of(s.student(), distill.crops()))
          .findFirst();
    }
    return Optional.empty();
  }

  private static List<StudentRecipe> students(StageRecipe stage) {
    return stage instanceof StageRecipe.Distill distill
        ? distill.groups().stream().flatMap(g -> g.students().stream()).toList()
        : List.of();
  }

  /**
   * The recipe's stage whose result a track holds: that of its name, or the Import of its model.
   */
  public StageRecipe stageOf(TrackId track) {
    return stages.stream()
        .filter(s -> s instanceof StageRecipe.Import from && from.track().equals(track))
        .findFirst()
        .orElseGet(() -> stage(track.stage(), StageRecipe.class));
  }

  /**
   * A backbone with the pictures that it knows.
   *
   * @param imageSize side of the global crops it saw most
   */
  public record VisionTower(
      BackboneRecipe backbone, List<Double> rgbMean, List<Double> rgbStd, int imageSize) {
    public VisionTower {
      rgbMean = List.copyOf(rgbMean);
      rgbStd = List.copyOf(rgbStd);
    }

    private static VisionTower of(BackboneRecipe backbone, CropRecipe crops) {
      int side =
          crops.sizes().stream()
              .max(Comparator.comparingDouble(CropRecipe.Size::ratio))
              .map(CropRecipe.Size::global)
              .orElseThrow();
      return new VisionTower(backbone, crops.rgbMean(), crops.rgbStd(), side);
    }
  }

  /** Absolute step at which a Train stage begins: 0 unless it continues another. */
  public long firstStep(StageRecipe.Train train) {
    if (train.start() instanceof Start.Continue from) {
      StageRecipe.Train parent = stage(from.from(), StageRecipe.Train.class);
      return firstStep(parent) + parent.steps();
    }
    return 0;
  }
}
