package io.dinoflow.model.loss;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

@GoldenFixture("ibot_loss")
@OwnGoldens
class IbotLossNumericsTest {

  @Test
  void lossAssignmentsAndGradientAreTheOfficialOnes() {
    try (Golden golden = Golden.open("ibot_loss");
        TensorScope scope = TensorScope.under(golden.manager())) {
      NDArray teacher = golden.tensor("in.teacher_logits");
      int iterations = golden.json().get("config").get("n_iterations").asInt();
      TreeMap<Double, NDArray> assignments = new TreeMap<>();
      Pattern named = Pattern.compile("out\\.sinkhorn_temp([0-9.]+)");
      for (String tensor : golden.names()) {
        Matcher how = named.matcher(tensor);
        if (how.matches()) {
          double temperature = Double.parseDouble(how.group(1));
          NDArray ours = Sinkhorn.assign(scope, teacher, temperature, iterations);
          golden.compare(tensor, ours);
          assignments.put(temperature, ours);
        }
      }
      // The losses' targets are those of the highest temperature, which warm-ups end at.
      NDArray targets = assignments.lastEntry().getValue();
      NDArray student = golden.tensor("in.student_logits");
      NDArray weights = golden.tensor("in.masks_weight");
      long rows = golden.tensor("in.masks").getShape().get(0);
      student.setRequiresGradient(true);
      NDArray loss;
      NDArray gradient;
      try (Gradients.Recording recording = Gradients.record()) {
        loss = IbotLoss.of(scope, student, targets, weights, rows);
        gradient = Gradients.of(scope, loss, new NDList(student)).get(0);
      }
      golden.compare("out.loss", loss);
      golden.compare("out.loss_weights_derived", loss);
      golden.compare("grad.student_logits", gradient);
      long first = student.getShape().get(0) - 5;
      golden.compare(
          "out.loss_first_M_minus_5",
          IbotLoss.of(
              scope,
              Tensors.rows(scope, student, 0, first),
              Tensors.rows(scope, targets, 0, first),
              Tensors.rows(scope, weights, 0, first),
              rows));
    }
  }

  /** What the batch assembler promises of indexes and weights holds for the official ones. */
  @Test
  void indexesAndWeightsFollowFromTheMasks() {
    try (Golden golden = Golden.open("ibot_loss")) {
      int[] shape = golden.shape("in.masks");
      byte[] masks = golden.bytes("in.masks");
      List<Long> indexes = new ArrayList<>();
      List<Float> weights = new ArrayList<>();
      for (int row = 0; row < shape[0]; row++) {
        int masked = 0;
        for (int i = 0; i < shape[1]; i++) {
          masked += masks[row * shape[1] + i];
        }
        for (int i = 0; i < shape[1]; i++) {
          if (masks[row * shape[1] + i] == 1) {
            indexes.add((long) row * shape[1] + i);
            weights.add(1f / masked);
          }
        }
      }
      assertThat(golden.longs("in.mask_indices_list"))
          .containsExactly(indexes.stream().mapToLong(Long::longValue).toArray());
      assertThat(golden.floats("in.masks_weight")).containsExactly(array(weights));
    }
  }

  private static float[] array(List<Float> values) {
    float[] array = new float[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return array;
  }
}
