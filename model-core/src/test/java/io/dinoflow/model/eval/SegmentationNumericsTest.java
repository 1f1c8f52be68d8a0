package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.eval.SegmentationAreas.ZeroLabel;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Areas and metrics of the official segmentation evaluation. */
@GoldenFixture("segmentation")
class SegmentationNumericsTest {
  @ParameterizedTest
  @EnumSource(ZeroLabel.class)
  void areasAndMetricsAreTheOfficialOnes(ZeroLabel zero) {
    String suffix = zero == ZeroLabel.BACKGROUND ? "_reduce_zero_label" : "";
    try (Golden golden = Golden.open("segmentation")) {
      int classes = golden.shape("out.areas" + suffix)[1];
      SegmentationAreas areas = new SegmentationAreas(classes, zero);
      for (int picture = 0; golden.has("in.pred" + picture); picture++) {
        areas.add(
            golden.tensor("in.pred" + picture).toLongArray(),
            golden.tensor("in.label" + picture).toLongArray());
      }
      float[] official = golden.tensor("out.areas" + suffix).toFloatArray();
      for (int c = 0; c < classes; c++) {
        assertThat((float) areas.intersection(c)).isEqualTo(official[c]);
        assertThat((float) areas.union(c)).isEqualTo(official[classes + c]);
        assertThat((float) areas.predicted(c)).isEqualTo(official[2 * classes + c]);
        assertThat((float) areas.labelled(c)).isEqualTo(official[3 * classes + c]);
      }
      for (String name : golden.names()) {
        if (name.startsWith("linear_head.")) {
          golden.leaveOut(name, "no segmentation head is trained: only given maps are judged");
        } else if (name.startsWith("slide.")) {
          golden.leaveOut(
              name, "no segmentation head is slid over pictures: only given maps are judged");
        }
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
    golden.compare(name, ours, metrics.get(name).asDouble(), golden.tolerance());
  }
}
