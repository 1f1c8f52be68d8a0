package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.eval.EvaluationReport.Protocol;
import io.dinoflow.model.eval.EvaluationReport.Score;
import io.dinoflow.model.eval.EvaluationReport.Subject;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.tensor.TensorScope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which way scores go: up with separable features, to chance where labels mean nothing. */
class ClassificationTest {
  private static final int CLASSES = 4;
  private static final int PICTURES = 400;
  private static final int DIM = 12;
  private static final StageRecipe.Evaluate RECIPE =
      new StageRecipe.Evaluate(
          "evaluate", List.of("made"), "", 32, 5, List.of(10, 20), 15, PICTURES);

  @BeforeAll
  static void prepare() {
    TorchKernels.prepareThread(1);
  }

  /** Rows around one centre for each class. */
  private record Made(Subject subject, List<Integer> centres, double noise) implements Contender {
    static Made trained(List<Integer> centres, double noise) {
      return new Made(
          new Subject("made", Subject.Kind.CHECKPOINT, Optional.empty()), centres, noise);
    }

    static Made baseline(List<Integer> centres, double noise) {
      return new Made(
          new Subject("noise", Subject.Kind.BASELINE, Optional.empty()), centres, noise);
    }

    @Override
    public NDArray neighbours(TensorScope scope) {
      return probe(scope);
    }

    @Override
    public NDArray probe(TensorScope scope) {
      SeededRandom random = SeededRandom.of(3, Purpose.SAMPLE, (long) (1000 * noise));
      float[] rows = new float[centres.size() * DIM];
      for (int i = 0; i < rows.length; i++) {
        boolean own = i % DIM == centres.get(i / DIM);
        rows[i] = (float) ((own ? 1 : 0) + noise * random.nextGaussian());
      }
      return scope.manager().create(rows, new Shape(centres.size(), DIM));
    }

    @Override
    public Optional<Network> network() {
      return Optional.empty();
    }
  }

  private static List<Integer> evenClasses() {
    List<Integer> classes = new ArrayList<>();
    for (int i = 0; i < PICTURES; i++) {
      classes.add(i % CLASSES);
    }
    return classes;
  }

  private static EvaluationReport measured(List<Integer> classes, Contender... contenders)
      throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < classes.size(); i++) {
      samples.add(EvalSamples.of("picture " + i, "class " + classes.get(i), "", false));
    }
    Population.Labelled labelled = Population.of(samples, RECIPE, 5).labelled().orElseThrow();
    Findings findings = new Findings();
    EvaluationListener ignored = (phase, done, of) -> {};
    List<Contender> all = List.of(contenders);
    new KnnEvaluation(labelled, RECIPE.knn(), ignored).evaluate(all, findings);
    new LinearProbe(labelled, RECIPE.linearEpochs(), 5, ignored).evaluate(all, findings);
    return findings.report(
        new Protocol("made", samples.size(), labelled.classes().size(), 5, 32),
        all.stream().map(Contender::subject).toList());
  }

  private static Score score(EvaluationReport report, String subject, String metric) {
    return report.scores().stream()
        .filter(s -> s.subject().equals(subject) && s.metric().name().equals(metric))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void separableClassesScoreHigh() throws IOException {
    EvaluationReport report = measured(evenClasses(), Made.trained(evenClasses(), 0.1));
    for (String metric :
        List.of("knn10.top1", "knn20.per_class", "linear.top1", "linear.per_class")) {
      assertThat(score(report, "made", metric).metric().value()).as(metric).isGreaterThan(0.98);
      assertThat(score(report, "made", metric).perFold()).hasSize(5);
    }
  }

  @Test
  void permutedLabelsScoreAtChance() throws IOException {
    List<Integer> permuted = new ArrayList<>();
    for (int i : SeededRandom.of(9, Purpose.ORDER).permutation(PICTURES)) {
      permuted.add(i % CLASSES);
    }
    EvaluationReport report = measured(permuted, Made.trained(evenClasses(), 0.1));
    double chance = 1.0 / CLASSES;
    double deviation = Math.sqrt(chance * (1 - chance) / PICTURES);
    for (String metric : List.of("knn10.top1", "knn20.top1", "linear.top1")) {
      assertThat(score(report, "made", metric).metric().value())
          .as(metric)
          .isCloseTo(chance, within(4 * deviation));
    }
  }

  @Test
  void moreNoiseScoresLess() throws IOException {
    EvaluationReport report =
        measured(
            evenClasses(), Made.trained(evenClasses(), 0.3), Made.baseline(evenClasses(), 0.9));
    for (String metric : List.of("knn10.top1", "linear.top1")) {
      Score made = score(report, "made", metric);
      Score noise = score(report, "noise", metric);
      assertThat(made.metric().value()).isGreaterThan(noise.metric().value() + 0.1);
      EvaluationReport.Difference difference =
          report.differences().stream()
              .filter(d -> d.metric().name().equals(metric))
              .findFirst()
              .orElseThrow();
      assertThat(difference.baseline()).isEqualTo("noise");
      assertThat(difference.metric().value())
          .isCloseTo(made.metric().value() - noise.metric().value(), within(1e-12));
      assertThat(difference.metric().standardError())
          .hasValueSatisfying(e -> assertThat(e).isPositive());
    }
  }

  @Test
  void aClassOfOnePictureIsScoredAndCannotBeRight() throws IOException {
    List<Integer> classes = evenClasses();
    classes.set(0, CLASSES);
    EvaluationReport report = measured(classes, Made.trained(classes, 0.05));
    assertThat(report.protocol().classes()).isEqualTo(CLASSES + 1);
    // Wrong in one fold of 80, where it is a fifth of the classes.
    assertThat(score(report, "made", "knn10.top1").metric().value())
        .isCloseTo(1 - 1.0 / PICTURES, within(1e-9));
    assertThat(score(report, "made", "knn10.per_class").metric().value())
        .isCloseTo(1 - 0.2 / 5, within(1e-9));
  }

  @Test
  void theStandardErrorIsThatOfTheMeanOverFolds() {
    assertThat(new FoldScores(List.of(1.0, 2.0, 3.0, 4.0)).metric("m").standardError())
        .hasValueSatisfying(e -> assertThat(e).isCloseTo(Math.sqrt(5.0 / 3 / 4), within(1e-12)));
    assertThat(
            new FoldScores(List.of(1.0, 2.0))
                .minus(new FoldScores(List.of(0.5, 1.5)))
                .metric("m")
                .standardError())
        .hasValueSatisfying(e -> assertThat(e).isCloseTo(0.0, within(1e-12)));
  }
}
