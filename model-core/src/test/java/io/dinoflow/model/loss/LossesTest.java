package io.dinoflow.model.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.plain.LossCheck;
import io.dinoflow.model.plain.Plain;
import io.dinoflow.model.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every loss and its gradient against the formula in double precision. */
class LossesTest {
  private static final int SAMPLES = 3;
  private static final int PROTOTYPES = 11;
  private static final double TEMPERATURE = 0.5;

  /** Assignments of so many rows, as a teacher gives them. */
  private static double[][] assignments(int rows) {
    double[][] q = PlainLosses.sinkhorn(Plain.random(rows, PROTOTYPES, 1), TEMPERATURE, 3);
    for (double[] row : q) {
      for (int k = 0; k < row.length; k++) {
        row[k] = (float) row[k];
      }
    }
    return q;
  }

  @ParameterizedTest
  @CsvSource({"6, 0.5, 3", "6, 0.07, 3", "20, 0.1, 1", "2, 1.0, 0"})
  void sinkhornAssignsAsTheFormulaSays(int rows, double temperature, int iterations) {
    TorchKernels.prepareThread(1);
    double[][] logits = Plain.random(rows, PROTOTYPES, 2);
    double[][] plain = PlainLosses.sinkhorn(logits, temperature, iterations);
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray ours =
          Sinkhorn.assign(scope, Plain.array(scope.manager(), logits), temperature, iterations);
      if (iterations > 0) {
        Plain.assertClose("assignments", ours, plain, 1e-6);
        for (double[] row : Plain.rows(ours)) {
          assertThat(java.util.Arrays.stream(row).sum()).isCloseTo(1, within(1e-6));
        }
      } else {
        double all = java.util.Arrays.stream(plain).flatMapToDouble(java.util.Arrays::stream).sum();
        for (double[] row : plain) {
          for (int k = 0; k < row.length; k++) {
            row[k] *= rows / all;
          }
        }
        Plain.assertClose("unbalanced assignments", ours, plain, 1e-6);
      }
    }
  }

  @Test
  void dinoComparesEveryPairOfCrops() {
    double[][] teacher = assignments(2 * SAMPLES);
    LossCheck.check(
        "the DINO loss",
        Plain.random(5 * SAMPLES, PROTOTYPES, 3),
        (scope, x) -> DinoLoss.allPairs(scope, x, Plain.array(scope.manager(), teacher), 5, 2),
        x -> PlainLosses.dino(x, teacher, SAMPLES, false));
  }

  @Test
  void dinoLeavesOutPairsOfTheSameCrop() {
    double[][] teacher = assignments(2 * SAMPLES);
    LossCheck.check(
        "the DINO loss without its diagonal",
        Plain.random(2 * SAMPLES, PROTOTYPES, 4),
        (scope, x) ->
            DinoLoss.withoutDiagonal(scope, x, Plain.array(scope.manager(), teacher), 2, 2),
        x -> PlainLosses.dino(x, teacher, SAMPLES, true));
  }

  @Test
  void ibotWeighsPatchesAndCountsAllRows() {
    double[][] teacher = assignments(7);
    double[] weight = {0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 1};
    LossCheck.check(
        "the iBOT loss",
        Plain.random(7, PROTOTYPES, 5),
        (scope, x) ->
            IbotLoss.of(
                scope,
                x,
                Plain.array(scope.manager(), teacher),
                Plain.array(scope.manager(), new double[][] {weight}).flatten(),
                8),
        x -> PlainLosses.ibot(x, teacher, weight, 8));
  }

  @ParameterizedTest
  @CsvSource({"12, 1", "6, 1", "4, 1", "6, 2", "4, 3"})
  void koleoPushesAwayTheNearestOfTheGroup(int group, int neighbours) {
    LossCheck.check(
        "the KoLeo loss",
        Plain.random(12, 5, 6),
        (scope, x) -> KoleoLoss.mean(scope, x, group, neighbours),
        x -> PlainLosses.koleo(x, group, neighbours));
  }

  @Test
  void koleoRefusesGroupsThatDoNotFit() {
    TorchKernels.prepareThread(1);
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray x = Plain.array(scope.manager(), Plain.random(12, 5, 6));
      assertThatThrownBy(() -> KoleoLoss.mean(scope, x, 5, 1))
          .hasMessageContaining("5 rows, must have at least 2 and divide the 12 rows");
      assertThatThrownBy(() -> KoleoLoss.mean(scope, x, 4, 4))
          .hasMessageContaining("4 neighbours of a KoLeo group of 4 rows, must be from 1 to 3");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "true, true, false, false",
    "true, true, true, false",
    "true, true, false, true",
    "true, false, false, false",
    "false, true, false, false",
    "false, false, true, false",
    "false, false, false, true"
  })
  void gramComparesSimilaritiesUnderEveryOption(
      boolean normalized, boolean imgLevel, boolean removeNeg, boolean removeOnlyTeacherNeg) {
    GramLoss gram = new GramLoss(normalized, imgLevel, removeNeg, removeOnlyTeacherNeg);
    double[][] teacher = Plain.random(8, 6, 7);
    LossCheck.check(
        gram.toString(),
        Plain.random(8, 6, 8),
        (scope, x) ->
            gram.of(
                scope, x.reshape(2, 4, 6), Plain.array(scope.manager(), teacher).reshape(2, 4, 6)),
        x -> PlainLosses.gram(gram, x, teacher, 4));
  }

  @Test
  void contrastComparesPicturesAndTextsBothWays() {
    double[][] text = Plain.random(4, 6, 9);
    double logScale = 0.75;
    LossCheck.check(
        "the contrastive loss of pictures",
        Plain.random(4, 6, 10),
        (scope, x) ->
            ContrastiveLoss.of(
                scope,
                x,
                Plain.array(scope.manager(), text),
                scope.create(new float[] {(float) logScale})),
        x -> PlainLosses.contrastive(x, text, logScale));
    double[][] image = Plain.random(4, 6, 10);
    LossCheck.check(
        "the contrastive loss of the scale",
        new double[][] {{logScale}},
        (scope, x) ->
            ContrastiveLoss.of(
                scope,
                Plain.array(scope.manager(), image),
                Plain.array(scope.manager(), text),
                x.reshape(1)),
        x -> PlainLosses.contrastive(image, text, x[0][0]));
  }
}
