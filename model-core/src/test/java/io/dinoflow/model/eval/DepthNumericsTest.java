package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Errors of the official depth evaluation. */
@GoldenFixture("depth")
class DepthNumericsTest {

  @Test
  void errorsAreTheOfficialOnes() {
    try (Golden golden = Golden.open("depth")) {
      int[] mask = golden.tensor("in.valid_mask").toUint8Array();
      boolean[] valid = new boolean[mask.length];
      for (int i = 0; i < mask.length; i++) {
        valid[i] = mask[i] != 0;
      }
      DepthErrors ours =
          DepthErrors.of(
              golden.tensor("in.pred").toFloatArray(),
              golden.tensor("in.gt").toFloatArray(),
              valid);
      JsonNode official = golden.json().at("/values/metrics_mask");
      Map.of(
              "a1", ours.a1(),
              "a2", ours.a2(),
              "a3", ours.a3(),
              "abs_rel", ours.absRel(),
              "sq_rel", ours.sqRel(),
              "rmse", ours.rmse(),
              "rmse_log", ours.rmseLog(),
              "log_10", ours.log10(),
              "silog", ours.silog(),
              "mae", ours.mae())
          .forEach(
              (name, value) ->
                  golden.compare(name, value, official.get(name).asDouble(), golden.tolerance()));
      for (String name : golden.names()) {
        if (name.startsWith("linear_head.")
            || name.equals("in.depth_logits")
            || name.startsWith("out.features_to_depth_")) {
          golden.leaveOut(name, "no depth head is trained: only given maps are judged");
        } else if (name.startsWith("grad.")) {
          golden.leaveOut(name, "no depth head is trained, so its losses are not needed");
        }
      }
    }
  }

  @Test
  void aMapWithoutCountingPixelsIsRefused() {
    assertThatThrownBy(() -> DepthErrors.of(new float[] {1}, new float[] {0}, new boolean[] {true}))
        .hasMessageContaining("none of 1 pixels counts");
  }
}
