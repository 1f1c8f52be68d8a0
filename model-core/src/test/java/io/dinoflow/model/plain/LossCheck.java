package io.dinoflow.model.plain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;

/** Compares a loss and its gradient with the plain formula and that one's differences. */
public final class LossCheck {
  private static final double VALUE = 1e-6;
  private static final double GRADIENT = 1e-5;

  private LossCheck() {}

  /**
   * @param ours the loss of a (rows, columns) tensor
   * @param plain the same of its values
   */
  public static void check(
      String what,
      double[][] x,
      BiFunction<TensorScope, NDArray, NDArray> ours,
      ToDoubleFunction<double[][]> plain) {
    TorchKernels.prepareThread(1);
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray leaf = Plain.array(scope.manager(), x);
      leaf.setRequiresGradient(true);
      NDArray loss;
      NDArray gradient;
      try (Gradients.Recording recording = Gradients.record()) {
        loss = ours.apply(scope, leaf);
        gradient = Gradients.of(scope, loss, new NDList(leaf)).get(0);
      }
      // Terms of order one may cancel in the mean, so a small loss is not more exact than they are.
      double expected = plain.applyAsDouble(x);
      assertThat((double) loss.getFloat())
          .as(what)
          .isCloseTo(expected, within(VALUE * Math.max(1, Math.abs(expected))));
      Plain.assertClose(what + "'s gradient", gradient, Plain.gradient(plain, x), GRADIENT);
    }
  }
}
