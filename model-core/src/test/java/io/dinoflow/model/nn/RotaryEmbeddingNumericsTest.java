package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.nn.RotaryEmbedding.Extent;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.tensor.TensorScope;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

@GoldenFixture("rope")
@OwnGoldens
class RotaryEmbeddingNumericsTest {
  private static final int PREFIX = 3;

  @Test
  void tablesAreTheOfficialOnes() {
    try (Golden golden = Golden.open("rope");
        TensorScope scope = TensorScope.under(golden.manager())) {
      JsonNode cases = golden.json().get("values").get("cases");
      assertThat(cases).isNotEmpty();
      cases.forEach(c -> compare(golden, scope, c));
    }
  }

  private static void compare(Golden golden, TensorScope scope, JsonNode c) {
    String name = "case" + c.get("case").asInt();
    if (c.path("note").asText().contains("bfloat16")) {
      golden.leaveOut(name + ".sin", "tables are fp32, as in the released models");
      golden.leaveOut(name + ".cos", "tables are fp32, as in the released models");
      return;
    }
    RotaryEmbedding rope = rope(c);
    RotaryEmbedding.Draws none = RotaryEmbedding.Draws.none();
    RotaryEmbedding.Draws draws =
        new RotaryEmbedding.Draws(
            drawn(golden, name + ".shift_hw", none.shift()),
            drawn(golden, name + ".jitter_hw_factor", none.jitter()),
            drawn(golden, name + ".rescale_factor", new float[] {none.rescale()})[0]);
    RotaryEmbedding.Table table =
        rope.table(scope, c.get("H").asInt(), c.get("W").asInt(), PREFIX, draws);
    float[] sin = table.sin().toFloatArray();
    float[] cos = table.cos().toFloatArray();
    int prefix = PREFIX * headDim(c);
    assertThat(Arrays.copyOf(sin, prefix)).containsOnly(0f);
    assertThat(Arrays.copyOf(cos, prefix)).containsOnly(1f);
    golden.compare(
        name + ".sin",
        Arrays.copyOfRange(sin, prefix, sin.length),
        golden.floats(name + ".sin"),
        golden.tolerance());
    golden.compare(
        name + ".cos",
        Arrays.copyOfRange(cos, prefix, cos.length),
        golden.floats(name + ".cos"),
        golden.tolerance());
  }

  private static float[] drawn(Golden golden, String tensor, float[] otherwise) {
    return golden.has(tensor) ? golden.floats(tensor) : otherwise;
  }

  private static RotaryEmbedding rope(JsonNode c) {
    int headDim = headDim(c);
    return new RotaryEmbedding(
        headDim,
        c.has("base")
            ? RotaryEmbedding.periods(c.get("base").asDouble(), headDim)
            : RotaryEmbedding.periodsBetween(
                c.get("min_period").asDouble(), c.get("max_period").asDouble(), headDim),
        Extent.valueOf(c.get("normalize_coords").asText().toUpperCase(Locale.ROOT)),
        c.path("shift_coords").asDouble(),
        c.path("jitter_coords").asDouble(),
        c.path("rescale_coords").asDouble());
  }

  private static int headDim(JsonNode c) {
    return c.get("embed_dim").asInt() / c.get("num_heads").asInt();
  }

  /** Names say how: "periods.base100_headdim16", "periods.min0.5_max90_headdim32". */
  @Test
  void periodsAreTheOfficialOnes() {
    Pattern ofBase = Pattern.compile("periods\\.base([0-9.]+)_headdim(\\d+)");
    Pattern between = Pattern.compile("periods\\.min([0-9.]+)_max([0-9.]+)_headdim(\\d+)");
    try (Golden golden = Golden.open("rope")) {
      for (String name : golden.names()) {
        Matcher base = ofBase.matcher(name);
        Matcher ends = between.matcher(name);
        if (base.matches()) {
          double b = Double.parseDouble(base.group(1));
          float[] ours = RotaryEmbedding.periods(b, Integer.parseInt(base.group(2)));
          golden.compare(name, ours, golden.floats(name), golden.tolerance());
        } else if (ends.matches()) {
          double min = Double.parseDouble(ends.group(1));
          double max = Double.parseDouble(ends.group(2));
          float[] ours = RotaryEmbedding.periodsBetween(min, max, Integer.parseInt(ends.group(3)));
          golden.compare(name, ours, golden.floats(name), golden.tolerance());
        }
      }
    }
  }

  /** The fixture's training cases give the limits; no draw may leave them, most must use them. */
  @Test
  void drawsStayWithinTheOfficialLimitsAndFillThem() {
    for (JsonNode c : Golden.json("rope").get("values").get("cases")) {
      RotaryEmbedding rope = rope(c);
      if (!rope.augments()) {
        continue;
      }
      double[] widest = new double[3];
      for (int i = 0; i < 500; i++) {
        RotaryEmbedding.Draws draws = rope.draw(SeededRandom.of(3, Purpose.ROPE, i, 0, 0));
        for (int axis = 0; axis < 2; axis++) {
          widest[0] = Math.max(widest[0], Math.abs(draws.shift()[axis]));
          widest[1] = Math.max(widest[1], Math.abs(Math.log(draws.jitter()[axis])));
        }
        widest[2] = Math.max(widest[2], Math.abs(Math.log(draws.rescale())));
      }
      within("shift", widest[0], c.path("shift_coords").asDouble());
      within("jitter", widest[1], Math.log(c.path("jitter_coords").asDouble(1)));
      within("rescale", widest[2], Math.log(c.path("rescale_coords").asDouble(1)));
    }
  }

  private static void within(String draw, double widest, double limit) {
    assertThat(widest).as(draw).isBetween(0.95 * limit, limit * (1 + 1e-6));
  }
}
