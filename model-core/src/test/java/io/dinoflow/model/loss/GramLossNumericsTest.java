package io.dinoflow.model.loss;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.Resize;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

@GoldenFixture("gram_loss")
@OwnGoldens
class GramLossNumericsTest {

  @Test
  void everyCombinationOfOptionsGivesTheOfficialLossAndGradient() {
    try (Golden golden = Golden.open("gram_loss");
        TensorScope scope = TensorScope.under(golden.manager())) {
      NDArray student = golden.tensor("in.student");
      NDArray teacher = golden.tensor("in.teacher");
      student.setRequiresGradient(true);
      JsonNode cases = golden.json().get("values").get("cases");
      assertThat(cases).isNotEmpty();
      for (JsonNode c : cases) {
        String name = "case" + c.get("case").asInt();
        GramLoss gram =
            new GramLoss(
                c.get("normalized").asBoolean(),
                c.get("img_level").asBoolean(),
                c.get("remove_neg").asBoolean(),
                c.get("remove_only_teacher_neg").asBoolean());
        NDArray loss;
        NDArray gradient;
        try (Gradients.Recording recording = Gradients.record()) {
          loss = gram.of(scope, student, teacher);
          gradient = Gradients.of(scope, loss, new NDList(student)).get(0);
        }
        golden.compare(name + ".loss", loss);
        golden.compare(
            name + " in the JSON", loss.getFloat(), c.get("loss").asDouble(), golden.tolerance());
        golden.compare(name + ".grad", gradient);
      }
    }
  }

  @Test
  void aPartOfTheTokensGivesTheOfficialLoss() {
    try (Golden golden = Golden.open("gram_loss");
        TensorScope scope = TensorScope.under(golden.manager())) {
      GramLoss gram = new GramLoss(true, false, false, false);
      for (byte masked = 0; masked < 2; masked++) {
        NDArray index = scope.create(where(golden.bytes("in.masks"), masked));
        golden.compare(
            masked == 1 ? "out.tokens_masked" : "out.tokens_unmasked",
            gram.of(
                scope,
                Tensors.pick(scope, golden.tensor("in.student"), index),
                Tensors.pick(scope, golden.tensor("in.teacher"), index)));
      }
    }
  }

  private static long[] where(byte[] masks, byte value) {
    List<Long> index = new ArrayList<>();
    for (int i = 0; i < masks.length; i++) {
      if (masks[i] == value) {
        index.add((long) i);
      }
    }
    return index.stream().mapToLong(Long::longValue).toArray();
  }

  @Test
  void teacherMapsAreResizedAsTheOfficialCodeDoes() {
    Pattern named = Pattern.compile("resize\\.(\\w+)\\.out_antialias_(True|False)");
    try (Golden golden = Golden.open("gram_loss");
        TensorScope scope = TensorScope.under(golden.manager())) {
      List<String> compared = new ArrayList<>();
      for (String tensor : golden.names()) {
        Matcher how = named.matcher(tensor);
        if (how.matches()) {
          NDArray in = golden.tensor("resize." + how.group(1) + ".in");
          long side = Math.round(Math.sqrt(in.getShape().get(1)));
          long to = Math.round(Math.sqrt(golden.shape(tensor)[1]));
          golden.compare(
              tensor,
              how.group(2).equals("True")
                  ? Resize.bicubicAntialiased(scope, in, side, side, to, to)
                  : Resize.bicubic(scope, in, side, side, to, to));
          compared.add(tensor);
        }
      }
      assertThat(compared).isNotEmpty();
    }
  }
}
