package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.TextTower;
import io.dinoflow.model.nn.VisionHead;
import io.dinoflow.model.recipe.StageRecipe.AlignText.TextTowerRecipe;
import io.dinoflow.model.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParameterGroupsTest {

  @Test
  void alignmentDecaysMatricesAndEmbeddingsAlone() {
    try (NDManager manager = TorchKernels.manager().newSubManager()) {
      Map<String, NDArray> all = new LinkedHashMap<>();
      new VisionHead(8, 2, 1, 32, VisionHead.Pooling.MEAN)
          .initialise(manager, 0)
          .forEach((name, tensor) -> all.put("vision." + name, tensor));
      TextTower.of(new TextTowerRecipe(8, 1, 2, 4, 32), 10)
          .initialise(manager, 0)
          .forEach((name, tensor) -> all.put("text." + name, tensor));
      all.put("logit_scale", manager.create(new float[1]));

      List<ParameterGroups.Group> groups = ParameterGroups.byRank(new StateDict(all));

      assertThat(groups).hasSize(2);
      assertThat(names(groups, 1))
          .contains("text.token_embedding.weight", "text.positional_embedding")
          .allMatch(name -> name.endsWith("weight") || name.endsWith("embedding"))
          .noneMatch(name -> name.contains("norm") || name.contains("ln_final"));
      assertThat(names(groups, 0))
          .contains("logit_scale", "vision.ln_final.weight", "vision.blocks.0.ls1.gamma")
          .allMatch(
              name ->
                  name.endsWith("bias")
                      || name.contains("norm")
                      || name.contains("ln_final")
                      || name.endsWith("gamma")
                      || name.equals("logit_scale"));
      assertThat(names(groups, 0).size() + names(groups, 1).size()).isEqualTo(all.size());
    }
  }

  private static List<String> names(List<ParameterGroups.Group> groups, double weightDecay) {
    return groups.stream()
        .filter(g -> g.multipliers().weightDecay() == weightDecay && g.multipliers().lr() == 1)
        .flatMap(g -> g.names().stream())
        .toList();
  }
}
