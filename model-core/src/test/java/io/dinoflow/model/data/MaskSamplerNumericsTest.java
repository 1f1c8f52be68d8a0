package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@GoldenFixture("mask_stats")
class MaskSamplerNumericsTest {

  private MaskSampler sampler;
  private int side;
  private int rows;
  private JsonNode values;

  @BeforeEach
  void open() {
    JsonNode golden = Golden.json("mask_stats");
    JsonNode config = golden.get("config");
    JsonNode ratio = config.get("mask_ratio_min_max");
    sampler =
        new MaskSampler(
            config.get("mask_probability").asDouble(),
            List.of(ratio.get(0).asDouble(), ratio.get(1).asDouble()));
    side = config.get("grid").get(0).asInt();
    rows = config.get("batch_images").asInt() * config.get("global_crops").asInt();
    values = golden.get("values");
  }

  @Test
  void everyBatchMasksExactlyTheOfficialCounts() {
    List<Integer> official = new ArrayList<>();
    values.get("sorted_counts_of_one_batch").forEach(n -> official.add(n.asInt()));
    for (int step = 0; step < 3; step++) {
      assertThat(
              counts(sampler.sample(rows, side, random(step))).stream().filter(c -> c > 0).sorted())
          .isEqualTo(official);
    }
  }

  @Test
  void masksAreAsBlockyAsTheOfficialOnes() {
    double total = 0;
    int masked = 0;
    for (int step = 0; step < 40; step++) {
      for (byte[] row : sampler.sample(rows, side, random(step))) {
        int count = count(row);
        total += count == 0 ? 0 : neighbours(row) / count;
        masked += count == 0 ? 0 : 1;
      }
    }
    assertThat(total / masked)
        .isCloseTo(
            values.get("blockiness_mean_same_neighbours_per_masked_patch").asDouble(),
            within(0.01));
  }

  @Test
  void positionsAreMaskedAsOftenAsInTheOfficialCode() {
    double[] byHeight = new double[side];
    double all = 0;
    int batches = 60;
    for (int step = 0; step < batches; step++) {
      for (byte[] row : sampler.sample(rows, side, random(step))) {
        for (int i = 0; i < row.length; i++) {
          byHeight[i / side] += row[i];
          all += row[i];
        }
      }
    }
    double officialAll = 0;
    for (JsonNode mean : values.get("position_frequency_row_means")) {
      officialAll += mean.asDouble();
    }
    for (int y = 0; y < side; y++) {
      double official = values.get("position_frequency_row_means").get(y).asDouble() / officialAll;
      assertThat(byHeight[y] / all).as("row %d", y).isCloseTo(official, within(0.004));
    }
  }

  @Test
  void aSingleMaskHasExactlyItsTarget() {
    for (JsonNode single : values.get("single_mask_blockiness")) {
      int target = single.get("target").asInt();
      double blockiness = 0;
      int n = 2000;
      for (int i = 0; i < n; i++) {
        byte[] row = new byte[side * side];
        MaskSampler.mask(row, side, target, random(i));
        assertThat(count(row)).isEqualTo(target);
        blockiness += neighbours(row) / target;
      }
      assertThat(blockiness / n)
          .as("blockiness at %d patches", target)
          .isCloseTo(single.get("mean_same_neighbours_per_patch").asDouble(), within(0.03));
    }
  }

  @Test
  void maskedRowsAreSpreadOverTheWholeBatch() {
    int first = 0;
    for (int step = 0; step < 100; step++) {
      byte[][] masks = sampler.sample(rows, side, random(step));
      for (int row = 0; row < rows / 2; row++) {
        first += count(masks[row]) > 0 ? 1 : 0;
      }
    }
    assertThat(first / (100.0 * rows / 2)).isCloseTo(0.5, within(0.02));
  }

  private static SeededRandom random(long step) {
    return SeededRandom.of(11, Purpose.MASK, step);
  }

  private static List<Integer> counts(byte[][] masks) {
    List<Integer> counts = new ArrayList<>();
    for (byte[] row : masks) {
      counts.add(count(row));
    }
    return counts;
  }

  private static int count(byte[] row) {
    int sum = 0;
    for (byte b : row) {
      sum += b;
    }
    return sum;
  }

  /** Pairs of masked neighbours, right and below. */
  private double neighbours(byte[] row) {
    int same = 0;
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int here = row[y * side + x];
        same += x + 1 < side ? here & row[y * side + x + 1] : 0;
        same += y + 1 < side ? here & row[(y + 1) * side + x] : 0;
      }
    }
    return same;
  }
}
