package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.data.Normalisation;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.Precision;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PcaMapsTest {
  private static final int SIDE = 64;
  private static final int PATCH = 8;

  @BeforeAll
  static void prepare() {
    TorchKernels.prepareThread(1);
  }

  private static Network untrained() {
    Backbone backbone =
        Backbones.of(
            new BackboneRecipe.Vit(
                PATCH,
                48,
                2,
                3,
                4,
                "mlp",
                "layernorm",
                0,
                0.1,
                0,
                true,
                true,
                false,
                false,
                100,
                0,
                0,
                0));
    return new Network(
        Sha256.ofText("untrained"),
        backbone,
        Normalisation.IMAGENET,
        Precision.FP32,
        manager -> backbone.initialise(manager, 1));
  }

  /** Left half of upright stripes, right half of a chequerboard; both half black, half white. */
  private static RgbImage twoTextures() {
    byte[] rgb = new byte[3 * SIDE * SIDE];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int cell = x < SIDE / 2 ? x / 2 : x / 2 + y / 2;
        for (int c = 0; c < 3; c++) {
          rgb[3 * (y * SIDE + x) + c] = (byte) (cell % 2 == 0 ? 0 : 255);
        }
      }
    }
    return new RgbImage(SIDE, SIDE, rgb);
  }

  @Test
  void twoTexturesHaveTwoColours() {
    EvalTransform transform = EvalTransform.square(SIDE, Normalisation.IMAGENET);
    RgbImage map = PcaMaps.maps(untrained(), List.of(twoTextures()), transform).get(0);
    assertThat(map.width()).isEqualTo(SIDE);
    int[] left = new int[256];
    int[] right = new int[256];
    for (int y = 0; y < SIDE; y += PATCH) {
      for (int x = 0; x < SIDE; x += PATCH) {
        int red = map.rgb()[3 * (y * SIDE + x)] & 0xFF;
        (x < SIDE / 2 ? left : right)[red]++;
      }
    }
    assertThat(lowest(left) > highest(right) + 50 || lowest(right) > highest(left) + 50)
        .as(
            "red %d..%d on the left, %d..%d on the right",
            lowest(left), highest(left), lowest(right), highest(right))
        .isTrue();
  }

  @Test
  void aPatchIsASquareOfOneColour() {
    EvalTransform transform = EvalTransform.square(SIDE, Normalisation.IMAGENET);
    RgbImage map = PcaMaps.maps(untrained(), List.of(twoTextures()), transform).get(0);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int corner = 3 * (y / PATCH * PATCH * SIDE + x / PATCH * PATCH);
        assertThat(map.rgb()[3 * (y * SIDE + x)]).isEqualTo(map.rgb()[corner]);
      }
    }
  }

  @Test
  void picturesAreShownLargerInWholePatches() {
    assertThat(PcaMaps.side(64, 8)).isEqualTo(256);
    assertThat(PcaMaps.side(64, 32)).isEqualTo(256);
    assertThat(PcaMaps.side(224, 16)).isEqualTo(512);
    assertThat(PcaMaps.side(518, 14)).isEqualTo(518);
    assertThat(PcaMaps.side(16, 32)).isEqualTo(64);
  }

  private static int lowest(int[] levels) {
    int level = 0;
    while (levels[level] == 0) {
      level++;
    }
    return level;
  }

  private static int highest(int[] levels) {
    int level = 255;
    while (levels[level] == 0) {
      level--;
    }
    return level;
  }
}
