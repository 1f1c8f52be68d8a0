package io.dinoflow.model.loss;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

@GoldenFixture("dino_loss")
@OwnGoldens
class DinoLossNumericsTest {

  /** Names say how: "out.sinkhorn_temp0.07_iters1", "out.sinkhorn_big_temp0.05". */
  @Test
  void assignmentsAreTheOfficialOnes() {
    Pattern named = Pattern.compile("out\\.sinkhorn(_big)?_temp([0-9.]+?)(?:_iters([0-9]+))?");
    try (Golden golden = Golden.open("dino_loss");
        TensorScope scope = TensorScope.under(golden.manager())) {
      List<String> compared = new ArrayList<>();
      for (String tensor : golden.names()) {
        Matcher how = named.matcher(tensor);
        if (how.matches()) {
          NDArray logits =
              golden.tensor(how.group(1) == null ? "in.teacher_logits" : "in.teacher_logits_big");
          int iterations =
              how.group(3) == null
                  ? golden.json().get("config").get("n_iterations").asInt()
                  : Integer.parseInt(how.group(3));
          double temperature = Double.parseDouble(how.group(2));
          golden.compare(tensor, Sinkhorn.assign(scope, logits, temperature, iterations));
          compared.add(tensor);
        }
      }
      assertThat(compared).isNotEmpty();
      golden.names().stream()
          .filter(n -> n.equals("in.center") || n.startsWith("out.softmax_center"))
          .forEach(
              n -> golden.leaveOut(n, "v3 assigns by Sinkhorn-Knopp, not by a centred softmax"));
    }
  }

  @Test
  void lossesAndGradientsAreTheOfficialOnes() {
    try (Golden golden = Golden.open("dino_loss");
        TensorScope scope = TensorScope.under(golden.manager())) {
      JsonNode config = golden.json().get("config");
      int teacherCrops = config.get("teacher_crops").asInt();
      NDArray globals = golden.tensor("in.student_global");
      NDArray locals = golden.tensor("in.student_local");
      int globalCrops = (int) globals.getShape().get(0);
      int localCrops = (int) locals.getShape().get(0);
      compare(
          golden,
          scope,
          "global_all",
          globals,
          (s, t) -> DinoLoss.allPairs(scope, s, t, globalCrops, teacherCrops));
      compare(
          golden,
          scope,
          "global_ignore_diag",
          globals,
          (s, t) -> DinoLoss.withoutDiagonal(scope, s, t, globalCrops, teacherCrops));
      compare(
          golden,
          scope,
          "local",
          locals,
          (s, t) -> DinoLoss.allPairs(scope, s, t, localCrops, teacherCrops));
      compare(
          golden,
          scope,
          "local_ignore_diag",
          locals,
          (s, t) -> DinoLoss.withoutDiagonal(scope, s, t, localCrops, teacherCrops));
    }
  }

  private interface Pairs {
    NDArray loss(NDArray student_RK, NDArray teacher_RK);
  }

  private static void compare(
      Golden golden, TensorScope scope, String name, NDArray student_SBK, Pairs pairs) {
    NDArray targets =
        Sinkhorn.assign(
            scope,
            golden.tensor("in.teacher_logits"),
            temperature(golden, "grad." + name),
            golden.json().get("config").get("n_iterations").asInt());
    student_SBK.setRequiresGradient(true);
    NDArray loss;
    NDArray gradient;
    try (Gradients.Recording recording = Gradients.record()) {
      NDArray rows = student_SBK.reshape(-1, student_SBK.getShape().get(2));
      loss = pairs.loss(rows, targets);
      gradient = Gradients.of(scope, loss, new NDList(student_SBK)).get(0);
    }
    golden.compare("out.loss_" + name, loss);
    golden.compare("grad." + name, gradient);
  }

  /** The fixture's explanation names it: "... sinkhorn at temp 0.07". */
  private static double temperature(Golden golden, String tensor) {
    Matcher temperature =
        Pattern.compile("temp ([0-9.]+)")
            .matcher(golden.json().get("meaning").get(tensor).asText());
    assertThat(temperature.find()).isTrue();
    return Double.parseDouble(temperature.group(1));
  }
}
