package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.recipe.HeadRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@GoldenFixture({"dino_head_n1", "dino_head_n2", "dino_head_n3"})
@OwnGoldens
class HeadNumericsTest {

  @ParameterizedTest
  @ValueSource(strings = {"dino_head_n1", "dino_head_n2", "dino_head_n3"})
  void givesTheOfficialLogitsAndGradients(String fixture) {
    try (Golden golden = Golden.open(fixture);
        TensorScope scope = TensorScope.under(golden.manager())) {
      JsonNode config = golden.json().get("config");
      Head head =
          new Head(
              config.get("in_dim").asInt(),
              new HeadRecipe(
                  config.get("out_dim").asInt(),
                  config.get("bottleneck_dim").asInt(),
                  config.get("hidden_dim").asInt(),
                  config.get("nlayers").asInt()));
      StateDict weights = new StateDict(golden.under("w."));
      List<String> names = head.parameters().stream().map(ParameterSpec::name).toList();
      assertThat(names).containsExactlyInAnyOrderElementsOf(weights.names());
      weights.requireGradients();
      NDArray x = golden.tensor("in.x");
      x.setRequiresGradient(true);
      NDList leaves = weights.list(names);
      leaves.add(x);
      NDArray loss;
      NDList gradients;
      try (Gradients.Recording recording = Gradients.record()) {
        golden.compare("out.no_last_layer", head.bottleneck(scope, weights, x));
        NDArray logits = head.forward(scope, weights, x);
        golden.compare("out.logits", logits);
        loss = logits.mul(golden.tensor("coef")).sum();
        gradients = Gradients.of(scope, loss, leaves);
      }
      golden.compare("grad.loss", loss);
      List<String> compared = new ArrayList<>();
      for (int i = 0; i < leaves.size(); i++) {
        String name = i < names.size() ? "w." + names.get(i) : "in.x";
        golden.compare("grad." + name, gradients.get(i));
        compared.add("grad." + name);
      }
      assertThat(golden.names()).containsAll(compared);
    }
  }
}
