package io.dinoflow.model.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.kernel.Resize;
import io.dinoflow.model.tensor.TensorScope;
import org.junit.jupiter.api.Test;

/**
 * What Hugging Face's processor feeds a model: levels over 255, bilinear resize with antialias to a
 * square without keeping the aspect, then the channel statistics of its own configuration.
 */
@GoldenFixture("hf_preprocessor")
class HuggingFacePreprocessorNumericsTest {

  @Test
  void pixelsComeFromTheSameResizeAndStatistics() {
    try (Golden golden = Golden.open("hf_preprocessor/expected");
        TensorScope scope = TensorScope.under(golden.manager())) {
      JsonNode config = Golden.json("hf_preprocessor/preprocessor_config");
      int[] shape = golden.shape("in.image_hwc_u8");
      byte[] levels = golden.bytes("in.image_hwc_u8");
      float[] unit = new float[levels.length];
      for (int i = 0; i < unit.length; i++) {
        unit[i] = (levels[i] & 0xFF) * config.get("rescale_factor").floatValue();
      }
      long height = shape[0];
      long width = shape[1];
      for (String tensor : golden.names()) {
        if (tensor.startsWith("out.")) {
          int[] out = golden.shape(tensor);
          NDArray pixels = scope.manager().create(unit, new Shape(1, height * width, 3));
          float[] resized =
              Resize.bilinearAntialiased(scope, pixels, height, width, out[2], out[3])
                  .toFloatArray();
          golden.compare(
              tensor, normalised(resized, config), golden.floats(tensor), golden.tolerance());
        }
      }
    }
  }

  private static float[] normalised(float[] hwc, JsonNode config) {
    float[] chw = new float[hwc.length];
    int n = hwc.length / 3;
    for (int i = 0; i < hwc.length; i++) {
      float mean = config.get("image_mean").get(i % 3).floatValue();
      float std = config.get("image_std").get(i % 3).floatValue();
      chw[i % 3 * n + i / 3] = (hwc[i] - mean) / std;
    }
    return chw;
  }
}
