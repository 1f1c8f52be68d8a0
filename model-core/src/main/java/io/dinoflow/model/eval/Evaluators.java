package io.dinoflow.model.eval;

import io.dinoflow.model.data.CachedImages;
import io.dinoflow.model.data.Normalisation;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.eval.EvaluationReport.Protocol;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.tensor.Seeds;
import io.dinoflow.model.text.AlignedTowers;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Measures checkpoints as an Evaluate stage says. The report and its pictures are a function of the
 * job; one job runs on one thread.
 */
public final class Evaluators {
  private final EvaluationJob job;
  private final StageRecipe.Evaluate stage;
  private final long seed;
  private final Population population;
  private final SampleImages images;
  private final EvaluationListener listener;

  private Evaluators(EvaluationJob job, EvaluationListener listener) {
    this.job = job;
    this.stage = job.recipe().stage(job.stage(), StageRecipe.Evaluate.class);
    this.seed = Seeds.ofStage(job.recipe().seed(), job.stage());
    this.population = Population.of(job.source().samples(), stage, seed);
    this.images = CachedImages.of(job.source());
    this.listener = listener;
  }

  /**
   * @return what was measured; the pictures it names lie in the job's output folder, beside the
   *     {@link Outcomes}
   * @throws IOException a shard or a local file cannot be read or written now
   */
  public static EvaluationReport run(EvaluationJob job, EvaluationListener listener)
      throws IOException {
    return run(job, listener, text -> aligned(job.recipe(), text));
  }

  /** With towers that stand in for aligned ones. */
  static EvaluationReport run(
      EvaluationJob job,
      EvaluationListener listener,
      Function<EvaluationJob.Aligned, JointSpace> towers)
      throws IOException {
    TorchKernels.prepareThread(job.recipe().compute());
    Files.createDirectories(job.cache());
    return new Evaluators(job, listener).run(towers);
  }

  private EvaluationReport run(Function<EvaluationJob.Aligned, JointSpace> towers)
      throws IOException {
    if (population.samples().isEmpty()) {
      throw new IllegalArgumentException(
          "source %s has no base pictures to measure on; it has %d samples"
              .formatted(job.datasetName(), job.source().samples().size()));
    }
    List<Contender> contenders =
        new Contenders(job, population, images, stage.imageSize(), listener).all();
    Findings findings = new Findings();
    for (Evaluator evaluator : evaluators(towers)) {
      evaluator.evaluate(contenders, findings);
    }
    findings.outcomes(population.labelledContent()).write(job.output().resolve(Outcomes.FILE_NAME));
    return findings.report(protocol(), contenders.stream().map(Contender::subject).toList());
  }

  /** One line a task. */
  private List<Evaluator> evaluators(Function<EvaluationJob.Aligned, JointSpace> towers) {
    List<Evaluator> tasks = new ArrayList<>();
    population
        .labelled()
        .ifPresent(
            labelled -> {
              tasks.add(new KnnEvaluation(labelled, stage.knn(), listener));
              if (stage.linearEpochs() > 0) {
                tasks.add(new LinearProbe(labelled, stage.linearEpochs(), seed, listener));
              }
            });
    job.text()
        .ifPresent(
            text ->
                tasks.add(
                    new Retrieval(
                        population,
                        images,
                        () -> towers.apply(text),
                        normalisation(text),
                        seed,
                        job.output(),
                        listener)));
    tasks.add(new PcaMaps(population, images, stage.imageSize(), seed, job.output(), listener));
    return tasks;
  }

  private Protocol protocol() {
    Optional<Population.Labelled> labelled = population.labelled();
    return new Protocol(
        job.datasetName(),
        labelled.map(l -> l.rows().length).orElse(0),
        labelled.map(l -> l.classes().size()).orElse(0),
        labelled.map(l -> l.folds().count()).orElse(0),
        stage.imageSize());
  }

  private Normalisation normalisation(EvaluationJob.Aligned text) {
    PipelineRecipe recipe = job.recipe();
    return Normalisation.of(
        recipe.visionTower(recipe.stage(text.stage(), StageRecipe.AlignText.class)));
  }

  private static JointSpace aligned(PipelineRecipe recipe, EvaluationJob.Aligned text) {
    AlignedTowers towers =
        AlignedTowers.load(
            recipe,
            recipe.stage(text.stage(), StageRecipe.AlignText.class),
            text.align(),
            text.vision());
    return new JointSpace() {
      @Override
      public int side() {
        return towers.side();
      }

      @Override
      public float[][] images(FloatBuffer images_N3SS, int count) {
        return towers.images(images_N3SS, count);
      }

      @Override
      public float[][] texts(List<String> captions) {
        return towers.texts(captions);
      }

      @Override
      public void close() {
        towers.close();
      }
    };
  }
}
