package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.eval.SegmentationAreas.ZeroLabel;
import io.dinoflow.model.golden.Golden;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Areas and metrics of the official segmentation evaluation. */
class SegmentationNumericsTest {
  private static final int CLASSES = 7;

  @ParameterizedTest
  @EnumSource(ZeroLabel.class)
  void areasAndMetricsAreTheOfficialOnes(ZeroLabel zero) {
    String suffix = zero == ZeroLabel.BACKGROUND ? "_reduce_zero_label" : "";
    try (Golden golden = Golden.open("segmentation")) {
      SegmentationAreas areas = new SegmentationAreas(CLASSES, zero);
      for (int picture = 0; picture < 3; picture++) {
        areas.add(
            golden.tensor("in.pred" + picture).toLongArray(),
            golden.tensor("in.label" + picture).toLongArray());
      }
      float[] official = golden.tensor("out.areas" + suffix).toFloatArray();
      for (int c = 0; c < CLASSES; c++) {
        assertThat((float) areas.intersection(c)).isEqualTo(official[c]);
        assertThat((float) areas.union(c)).isEqualTo(official[CLASSES + c]);
        assertThat((float) areas.predicted(c)).isEqualTo(official[2 * CLASSES + c]);
        assertThat((float) areas.labelled(c)).isEqualTo(official[3 * CLASSES + c]);
      }
      JsonNode metrics = golden.json().at("/values/metrics" + suffix);
      check(golden, metrics, "mIoU", areas.meanIou());
      check(golden, metrics, "acc", areas.recall());
      check(golden, metrics, "aAcc", areas.pixelAccuracy());
      check(golden, metrics, "dice", areas.dice());
      check(golden, metrics, "fscore", areas.fscore());
      check(golden, metrics, "precision", areas.precision());
      check(golden, metrics, "recall", areas.recall());
    }
  }

  private static void check(Golden golden, JsonNode metrics, String name, double ours) {
    assertThat(ours).as(name).isCloseTo(metrics.get(name).asDouble(), within(golden.tolerance()));
  }
}
