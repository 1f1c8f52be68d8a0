package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoxNumericsTest {

  private static final int N = 20_000;

  @ParameterizedTest
  @CsvSource({
    "global_0.32_1_image96x96, 0.32, 1, 96, 96",
    "local_0.05_0.32_image96x96, 0.05, 0.32, 96, 96",
    "global_0.32_1_image256x384, 0.32, 1, 384, 256",
    "local_0.05_0.32_image256x384, 0.05, 0.32, 384, 256"
  })
  void boxesAreDistributedAsTorchvisions(String name, double from, double to, int width, int height)
      throws IOException {
    JsonNode golden = GoldenTensors.json("crop_stats").get("values").get(name);
    double[] area = new double[N];
    double[] aspect = new double[N];
    double[] centre = new double[N];
    for (int i = 0; i < N; i++) {
      Box box = Box.random(width, height, List.of(from, to), SeededRandom.of(5, Purpose.CROP, i));
      assertThat(box.left() >= 0 && box.left() + box.width() <= width).isTrue();
      assertThat(box.top() >= 0 && box.top() + box.height() <= height).isTrue();
      area[i] = (double) box.width() * box.height() / (width * height);
      aspect[i] = (double) box.width() / box.height();
      centre[i] = (box.left() + box.width() / 2.0) / width;
    }
    assertThat(mean(area)).isCloseTo(golden.get("area_mean").asDouble(), within(0.008));
    assertThat(deviation(area)).isCloseTo(golden.get("area_std").asDouble(), within(0.006));
    assertThat(mean(aspect))
        .isCloseTo(golden.get("aspect_w_over_h_mean").asDouble(), within(0.008));
    assertThat(deviation(Arrays.stream(aspect).map(Math::log).toArray()))
        .isCloseTo(golden.get("log_aspect_std").asDouble(), within(0.006));
    assertThat(deviation(centre)).isCloseTo(golden.get("center_x_std").asDouble(), within(0.006));
    deciles(area, golden.get("area_deciles"), 0.02);
    deciles(aspect, golden.get("aspect_deciles"), 0.03);
  }

  private static void deciles(double[] values, JsonNode golden, double tolerance) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    for (int d = 1; d < 10; d++) {
      assertThat(sorted[d * (N - 1) / 10])
          .as("decile %d", d)
          .isCloseTo(golden.get(d).asDouble(), within(tolerance));
    }
  }

  private static double mean(double[] x) {
    return Arrays.stream(x).average().orElseThrow();
  }

  private static double deviation(double[] x) {
    double mean = mean(x);
    return Math.sqrt(Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow());
  }
}
