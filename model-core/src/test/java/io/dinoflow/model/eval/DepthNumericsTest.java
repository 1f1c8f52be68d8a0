package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Errors of the official depth evaluation. */
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
                  assertThat(value)
                      .as(name)
                      .isCloseTo(official.get(name).asDouble(), within(golden.tolerance())));
    }
  }

  @Test
  void aMapWithoutCountingPixelsIsRefused() {
    assertThatThrownBy(() -> DepthErrors.of(new float[] {1}, new float[] {0}, new boolean[] {true}))
        .hasMessageContaining("none of 1 pixels counts");
  }
}
