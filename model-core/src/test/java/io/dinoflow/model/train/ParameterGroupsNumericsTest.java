package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

@GoldenFixture("param_groups")
class ParameterGroupsNumericsTest {

  @TestFactory
  List<DynamicTest> multipliersAndGroupsAreTheOfficialOnes() {
    JsonNode golden = Golden.json("param_groups");
    JsonNode arguments = golden.get("arguments");
    ParameterGroups groups =
        new ParameterGroups(
            arguments.get("lr_decay_rate").asDouble(),
            arguments.get("patch_embed_lr_mult").asDouble());
    double tolerance = golden.get("tolerance_rel").asDouble();
    List<DynamicTest> tests = new ArrayList<>();
    golden
        .get("values")
        .properties()
        .forEach(
            e ->
                tests.add(
                    DynamicTest.dynamicTest(
                        e.getKey(), () -> compare(groups, e.getValue(), tolerance))));
    assertThat(tests).isNotEmpty();
    return tests;
  }

  private static void compare(ParameterGroups groups, JsonNode module, double tolerance) {
    List<String> names = new ArrayList<>();
    module.get("params").forEach(p -> names.add(p.get("name").asText()));
    int blocks = ParameterGroups.blocks(names);
    for (JsonNode p : module.get("params")) {
      ParameterGroups.Multipliers ours = groups.multipliers(p.get("name").asText(), blocks);
      double official = p.get("lr_multiplier").asDouble();
      assertThat(ours.lr()).as(p.toString()).isCloseTo(official, within(official * tolerance));
      assertThat(ours.weightDecay()).as(p.toString()).isEqualTo(p.get("wd_multiplier").asDouble());
      assertThat(ours.lastLayer() == ParameterGroups.LastLayer.YES)
          .as(p.toString())
          .isEqualTo(p.get("is_last_layer").asBoolean());
    }
    JsonNode fused = module.get("fused");
    List<ParameterGroups.Group> ours = groups.group(names);
    assertThat(ours).hasSize(fused.size());
    for (int i = 0; i < ours.size(); i++) {
      assertThat(ours.get(i).names()).hasSize(fused.get(i).get("n_params").asInt());
    }
  }
}
