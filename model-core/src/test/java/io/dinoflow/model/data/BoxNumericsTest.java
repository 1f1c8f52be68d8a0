package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

@GoldenFixture("crop_stats")
class BoxNumericsTest {

  private static final int N = 20_000;

  /** Crop, share of the area from and to, height and width of the picture. */
  private static final Pattern CASE =
      Pattern.compile("(\\w+?)_([0-9.]+)_([0-9.]+)_image([0-9]+)x([0-9]+)");

  @TestFactory
  List<DynamicTest> boxesAreDistributedAsTorchvisions() {
    List<DynamicTest> tests = new ArrayList<>();
    Golden.json("crop_stats")
        .get("values")
        .properties()
        .forEach(
            e -> {
              Matcher parts = CASE.matcher(e.getKey());
              if (parts.matches()) {
                tests.add(
                    DynamicTest.dynamicTest(
                        e.getKey(),
                        () ->
                            compare(
                                e.getValue(),
                                List.of(
                                    Double.parseDouble(parts.group(2)),
                                    Double.parseDouble(parts.group(3))),
                                Integer.parseInt(parts.group(5)),
                                Integer.parseInt(parts.group(4)))));
              }
            });
    assertThat(tests).isNotEmpty();
    return tests;
  }

  private static void compare(JsonNode golden, List<Double> scale, int width, int height) {
    double[] area = new double[N];
    double[] aspect = new double[N];
    double[] centre = new double[N];
    for (int i = 0; i < N; i++) {
      Box box = Box.random(width, height, scale, SeededRandom.of(5, Purpose.CROP, i));
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
