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
import io.dinoflow.model.recipe.StudentRecipe;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.Seeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
      Design first = design(job.recipe(), job.subjects().get(0).ref().track());
      all.add(untrained(first));
      normalisation = first.normalisation();
    }
    all.add(new PixelContender(population, images, side, normalisation, listener));
    return all;
  }

  private Contender trained(EvaluationJob.Checkpoint checkpoint) {
    CheckpointRef ref = checkpoint.ref();
    Design design = design(job.recipe(), ref.track());
    Backbone backbone = Backbones.of(design.backbone());
    Path file = checkpoint.folder().resolve(TEACHER_FILE);
    return contender(
        new Subject(name(ref.track()), Subject.Kind.CHECKPOINT, Optional.of(ref)),
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
  private static String name(TrackId track) {
    return track.stage() + track.student().map(s -> "/" + s).orElse("");
  }

  static Design design(PipelineRecipe recipe, TrackId track) {
    return track
        .student()
        .map(student -> ofStudent(recipe, track.stage(), student))
        .orElseGet(() -> ofTrain(recipe, track.stage()));
  }

  private static Design ofTrain(PipelineRecipe recipe, String name) {
    StageRecipe.Train train = recipe.stage(name, StageRecipe.Train.class);
    return new Design(
        recipe.architecture(train).student(),
        Normalisation.of(train.crops()),
        Seeds.ofStage(recipe.seed(), recipe.beginning(train).name()));
  }

  private static Design ofStudent(PipelineRecipe recipe, String stage, String name) {
    StageRecipe.Distill distill = recipe.stage(stage, StageRecipe.Distill.class);
    Stream<StudentRecipe> students = distill.groups().stream().flatMap(g -> g.students().stream());
    StudentRecipe student =
        students
            .filter(s -> s.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "stage \"%s\" has no student \"%s\"".formatted(stage, name)));
    return new Design(
        student.student(),
        Normalisation.of(distill.crops()),
        Seeds.ofStudent(Seeds.ofStage(recipe.seed(), stage), name));
  }
}
