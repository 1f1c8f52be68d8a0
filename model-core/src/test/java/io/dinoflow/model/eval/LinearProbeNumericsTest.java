package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.kernel.ProbeGrid;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.TensorScope;
import org.junit.jupiter.api.Test;

/** The official linear classifier: its input, logits, gradient and three steps of SGD. */
@GoldenFixture("linear_probe")
class LinearProbeNumericsTest {

  @Test
  void theInputIsTheClassTokenWithTheMeanPatch() {
    try (Golden golden = Golden.open("linear_probe");
        TensorScope scope = TensorScope.under(golden.manager())) {
      NDArray ours =
          Tensors.clsAndMeanPatch(
              scope, golden.tensor("in.block3.cls"), golden.tensor("in.block3.patches"));
      golden.compare("out.input_n1_avgpoolTrue", ours);
      NDArray several = golden.tensor("in.block0.cls");
      for (int block = 1; block < 3; block++) {
        several = Tensors.concatLast(scope, several, golden.tensor("in.block" + block + ".cls"));
      }
      golden.compare("out.input_n4_avgpoolTrue", Tensors.concatLast(scope, several, ours));
      for (String name : golden.names()) {
        if (name.matches("in\\.block[0-2]\\.patches")) {
          golden.leaveOut(name, "the probe takes patches of the last block only");
        } else if (name.endsWith("avgpoolFalse")) {
          golden.leaveOut(name, "the probe always takes the mean patch");
        }
      }
    }
  }

  @Test
  void lossesGradientAndWeightsAreTheOfficialOnesAtOneRateOfTheGrid() {
    try (Golden golden = Golden.open("linear_probe");
        TensorScope scope = TensorScope.under(golden.manager())) {
      JsonNode sgd = golden.json().at("/values/sgd");
      int steps = sgd.get("cosine_T_max").asInt();
      NDArray x_NF = golden.tensor("out.input_n4_avgpoolTrue");
      NDArray labels_N = golden.tensor("in.labels");
      ProbeGrid grid = twice(scope, golden);
      NDArray official = golden.tensor("out.logits_n4_avgpool");
      NDArray ours = Tensors.token(scope, grid.logits(scope, x_NF), 1);
      golden.compare("logits", ours, official, golden.tolerance());

      NDArray rows = scope.create(new long[] {0, 1, 2});
      for (int step = 0; step < steps; step++) {
        double lr = LinearProbe.annealed(sgd.get("lr").asDouble(), step, steps);
        // The other rate must not disturb this one.
        NDArray rates = scope.create(new float[] {(float) lr * 3, (float) lr});
        NDArray losses =
            grid.step(scope, x_NF, labels_N, rows, rates, sgd.get("momentum").asDouble());
        assertThat((double) losses.toFloatArray()[1])
            .isCloseTo(
                golden.json().at("/values/sgd_cosine_losses/" + step).asDouble(),
                within(golden.tolerance()));
        if (step == 0) {
          golden.compare(
              "out.ce", losses.toFloatArray()[1], golden.scalar("out.ce"), golden.tolerance());
          golden.compare(
              "gradient",
              second(scope, grid.velocity_LCF()),
              golden.tensor("grad.linear.weight"),
              golden.tolerance());
        }
      }
      golden.compare(
          "weight",
          second(scope, grid.weight_LCF()),
          golden.tensor("out.weight_after_3_sgd_steps"),
          golden.tolerance());
    }
  }

  private static NDArray second(TensorScope scope, NDArray x_LCF) {
    return Tensors.rows(scope, x_LCF, 1, 2);
  }

  /** The official classifier at both of two rates. */
  private static ProbeGrid twice(TensorScope scope, Golden golden) {
    NDArray weight = golden.tensor("w.linear.weight");
    NDArray bias = golden.tensor("w.linear.bias");
    long classes = weight.getShape().get(0);
    long features = weight.getShape().get(1);
    Shape w = new Shape(2, classes, features);
    Shape b = new Shape(2, classes);
    return new ProbeGrid(
        Tensors.concat(scope, weight, weight).reshape(w),
        Tensors.concat(scope, bias, bias).reshape(b),
        scope.manager().zeros(w),
        scope.manager().zeros(b));
  }
}
