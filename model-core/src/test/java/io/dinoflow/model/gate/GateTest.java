package io.dinoflow.model.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.eval.EvaluationReport;
import io.dinoflow.model.eval.Outcomes;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GateTest {
  private static final List<String> METRICS =
      List.of("knn10.top1", "knn10.per_class", "linear.top1", "linear.per_class");
  private static final String TOP1 = "knn10.top1";
  private static final int PICTURES = 400;

  @Test
  void readsEveryFormAndWritesItTheSame() {
    for (String text :
        List.of(
            "knn10.top1 >= champion",
            "knn10.top1 > champion",
            "knn10.top1 >= champion - 0.01",
            "knn10.top1 > champion + 0.02",
            "knn10.per_class >= 0.8",
            "knn10.top1 >= champion and linear.top1 > 0.7")) {
      assertThat(gate(text)).hasToString(text);
    }
    assertThat(gate("  knn10.top1>=champion-0.01 ")).hasToString("knn10.top1 >= champion - 0.01");
    assertThat(gate("knn10.top1 >= 0.8").needsChampion()).isFalse();
    assertThat(gate("linear.top1 > 0.7 and knn10.top1 >= champion").needsChampion()).isTrue();
  }

  @Test
  void listsEveryProblemWithTheNearestMetric() {
    GateProblemsException problems =
        catchThrowableOfType(
            GateProblemsException.class,
            () ->
                gate(
                    "knn10.top >= champion and linear.per_class >= champion and knn10.top1 >= 80 and better please"));

    assertThat(problems.problems())
        .hasSize(4)
        .satisfiesExactly(
            p -> assertThat(p).contains("\"knn10.top\"", "did you mean \"knn10.top1\"?"),
            p -> assertThat(p).contains("picture by picture", "[knn10.top1, linear.top1]"),
            p -> assertThat(p).contains("80", "as 0.8"),
            p -> assertThat(p).contains("\"better please\"", "METRIC >= champion"));
  }

  @Test
  void takesNothingThatOnlyLooksLikeAGate() {
    for (String text :
        List.of(
            "",
            "knn10.top1",
            "knn10.top1 >=",
            "knn10.top1 = champion",
            "knn10.top1 < champion",
            "knn10.top1 >= champions",
            "knn10.top1 >= champion - ",
            "knn10.top1 >= champion * 0.9",
            "knn10.top1 >= -0.1",
            "knn10.top1 >= champion and",
            "knn10.top1 >= champion or linear.top1 >= champion",
            "knn10.top1 >= champion and knn10.top1 >= champion")) {
      assertThatThrownBy(() -> gate(text)).as(text).isInstanceOf(GateProblemsException.class);
    }
  }

  @Test
  void knowsWhatAnEvaluateStageMeasures() {
    var recipe =
        RecipeFormat.parse(
            """
            name: small
            stages:
              - {kind: curate, name: curate}
              - kind: train
                name: pretrain
                start:
                  kind: fresh
                  student: {arch: vit, patch_size: 8, embed_dim: 24, depth: 1, num_heads: 2}
                steps: 4
                batch_size: 4
                crops: {sizes: [{global: 32, local: 16}], local_crops_number: 1}
              - {kind: evaluate, subjects: [pretrain], image_size: 32, knn: [5, 10], linear_epochs: 0}
            """);
    assertThat(Gate.metrics(recipe.stage("evaluate", StageRecipe.Evaluate.class)))
        .containsExactly("knn5.top1", "knn5.per_class", "knn10.top1", "knn10.per_class");
  }

  @Test
  void refusesOnlyWhatIsWorseBeyondNoise() {
    Scorecard champion = card("champion", i -> i % 10 < 8);
    Scorecard slightlyWorse = card("challenger", i -> i % 10 < 8 && i != 0 && i != 11);
    Scorecard muchWorse = card("challenger", i -> i % 10 < 7);

    Verdict noise = gate("knn10.top1 >= champion").judge(slightlyWorse, Optional.of(champion));
    assertThat(noise.passed()).isTrue();
    assertThat(noise.numbers().get("knn10.top1.difference")).isNegative();

    Verdict worse = gate("knn10.top1 >= champion").judge(muchWorse, Optional.of(champion));
    assertThat(worse.passed()).isFalse();
    assertThat(worse.text())
        .contains("fails", "0.7 against 0.8 over 400 pictures", "difference -0.1000");
    assertThat(worse.numbers().get("knn10.top1.band_high")).isNegative();
    assertThat(
            gate("knn10.top1 >= champion - 0.2").judge(muchWorse, Optional.of(champion)).passed())
        .isTrue();
  }

  @Test
  void promotesUnderMoreOnlyWhatIsBetterBeyondNoise() {
    Scorecard champion = card("champion", i -> i % 10 < 7);
    Scorecard equal = card("challenger", i -> i % 10 < 7);
    Scorecard better = card("challenger", i -> i % 10 < 8);

    assertThat(gate("knn10.top1 > champion").judge(equal, Optional.of(champion)).passed())
        .isFalse();
    assertThat(gate("knn10.top1 > champion").judge(better, Optional.of(champion)).passed())
        .isTrue();
    assertThat(gate("knn10.top1 > champion + 0.2").judge(better, Optional.of(champion)).passed())
        .isFalse();
  }

  @Test
  void comparesWithNumbersAloneWhereThereIsNoChampion() {
    Scorecard first = card("challenger", i -> i % 10 < 7);

    Verdict passed =
        gate("knn10.top1 >= champion and knn10.top1 > 0.5").judge(first, Optional.empty());
    assertThat(passed.passed()).isTrue();
    assertThat(passed.text()).contains("there is no champion yet");
    Verdict refused =
        gate("knn10.top1 >= champion and knn10.top1 > 0.9").judge(first, Optional.empty());
    assertThat(refused.passed()).isFalse();
    assertThat(refused.text()).contains("fails: knn10.top1 > 0.9: knn10.top1 is 0.7");
  }

  @Test
  void comparesOnlyOverTheSamePictures() {
    Scorecard champion = card("champion", i -> true);
    Scorecard other =
        new Scorecard(
            "challenger",
            card("challenger", i -> true).report(),
            new Outcomes(
                Outcomes.FORMAT,
                List.of(Sha256.ofText("another")),
                List.of(new Outcomes.Answers("challenger", TOP1, "1"))));
    assertThatThrownBy(() -> gate("knn10.top1 > champion").judge(other, Optional.of(champion)))
        .hasMessageContaining("not the same");
  }

  private static Gate gate(String text) {
    return Gate.parse(text, METRICS);
  }

  private static Scorecard card(String subject, java.util.function.IntPredicate right) {
    List<Sha256> samples =
        IntStream.range(0, PICTURES).mapToObj(i -> Sha256.ofText("picture " + i)).toList();
    String row =
        IntStream.range(0, PICTURES)
            .mapToObj(i -> right.test(i) ? "1" : "0")
            .collect(java.util.stream.Collectors.joining());
    double share = (double) row.chars().filter(c -> c == '1').count() / PICTURES;
    Sha256 id = Sha256.ofText(subject);
    EvaluationReport report =
        new EvaluationReport(
            EvaluationReport.FORMAT,
            new EvaluationReport.Protocol("birds", PICTURES, 2, 2, 32),
            List.of(
                new EvaluationReport.Subject(
                    subject,
                    EvaluationReport.Subject.Kind.CHECKPOINT,
                    Optional.of(
                        new CheckpointRef(id, TrackId.of(new RunId("run"), "pretrain"), 1, id)))),
            List.of(new EvaluationReport.Score(subject, Metric.of(TOP1, share), List.of(share))),
            List.of(),
            Optional.empty(),
            List.of());
    return Scorecard.of(
        report,
        new Outcomes(Outcomes.FORMAT, samples, List.of(new Outcomes.Answers(subject, TOP1, row))),
        id);
  }
}
