package io.dinoflow.model.eval;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.data.Normalisation;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.eval.EvaluationReport.Subject;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.Seeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a job measures: each checkpoint's EMA teacher, then the first one's backbone with the very
 * weights its training began with, then raw pixels.
 */
final class Contenders {
  static final String RANDOM_WEIGHTS = "random weights";
  private static final String TEACHER_FILE = "teacher.safetensors";

  private final EvaluationJob job;
  private final Population population;
  private final SampleImages images;
  private final int side;
  private final EvaluationListener listener;

  Contenders(
      EvaluationJob job,
      Population population,
      SampleImages images,
      int side,
      EvaluationListener listener) {
    this.job = job;
    this.population = population;
    this.images = images;
    this.side = side;
    this.listener = listener;
  }

  /**
   * How the recipe makes a track's network.
   *
   * @param initialSeed seed of the weights that training began with
   */
  record Design(BackboneRecipe backbone, Normalisation normalisation, long initialSeed) {}

  List<Contender> all() {
    List<Contender> all = new ArrayList<>();
    for (EvaluationJob.Checkpoint checkpoint : job.subjects()) {
      all.add(trained(checkpoint));
    }
    Normalisation normalisation = Normalisation.IMAGENET;
    if (!job.subjects().isEmpty()) {
      EvaluationJob.Checkpoint subject = job.subjects().get(0);
      Design first = design(subject.recipe(), subject.ref().track());
      all.add(untrained(first));
      normalisation = first.normalisation();
    }
    all.add(new PixelContender(population, images, side, normalisation, listener));
    return all;
  }

  private Contender trained(EvaluationJob.Checkpoint checkpoint) {
    CheckpointRef ref = checkpoint.ref();
    Design design = design(checkpoint.recipe(), ref.track());
    Backbone backbone = Backbones.of(design.backbone());
    Path file = checkpoint.folder().resolve(TEACHER_FILE);
    return contender(
        new Subject(name(checkpoint), Subject.Kind.CHECKPOINT, Optional.of(ref)),
        new Network(
            ref.id(),
            backbone,
            design.normalisation(),
            precision(),
            Network.stored(file, backbone)));
  }

  private Contender untrained(Design design) {
    Backbone backbone = Backbones.of(design.backbone());
    Sha256 identity =
        Sha256.ofText(RANDOM_WEIGHTS + " " + design.backbone() + " " + design.initialSeed());
    return contender(
        new Subject(RANDOM_WEIGHTS, Subject.Kind.BASELINE, Optional.empty()),
        new Network(
            identity,
            backbone,
            design.normalisation(),
            precision(),
            manager -> backbone.initialise(manager, design.initialSeed())));
  }

  private Contender contender(Subject subject, Network network) {
    return new NetworkContender(subject, network, population, images, side, job.cache(), listener);
  }

  private Precision precision() {
    return Precision.of(job.recipe().compute().precision());
  }

  /** {@code pretrain}, {@code distill/vit}. */
  private static String name(EvaluationJob.Checkpoint checkpoint) {
    TrackId track = checkpoint.ref().track();
    return checkpoint.recipe().stageOf(track).name() + track.student().map(s -> "/" + s).orElse("");
  }

  static Design design(PipelineRecipe recipe, TrackId track) {
    StageRecipe stage = recipe.stageOf(track);
    PipelineRecipe.VisionTower tower =
        recipe
            .tower(stage.name(), track.student())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "stage \"%s\" has no student \"%s\""
                            .formatted(stage.name(), track.student().orElse(""))));
    return new Design(
        tower.backbone(), Normalisation.of(tower), initialSeed(recipe, stage, track.student()));
  }

  private static long initialSeed(
      PipelineRecipe recipe, StageRecipe stage, Optional<String> student) {
    StageRecipe beginning =
        stage instanceof StageRecipe.Train train ? recipe.beginning(train) : stage;
    long seed = Seeds.ofStage(recipe.seed(), beginning.name());
    return student.map(name -> Seeds.ofStudent(seed, name)).orElse(seed);
  }
}
