package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import org.junit.jupiter.api.Test;

/** One block in evaluation and with the official draws of samples that keep a branch. */
@GoldenFixture("block_drop_path")
@OwnGoldens
class DropPathNumericsTest {
  /** LayerNorm's default, which the fixture names. */
  private static final double EPSILON = 1e-5;

  /** Periods of the released models. */
  private static final double BASE = 100;

  @Test
  void aBlockGivesTheOfficialTokensWithAndWithoutDroppedSamples() {
    try (Golden golden = Golden.open("block_drop_path");
        TensorScope scope = TensorScope.under(golden.manager())) {
      JsonNode config = golden.json().get("config");
      int dim = config.get("dim").asInt();
      int heads = config.get("num_heads").asInt();
      Blocks.Form form =
          new Blocks.Form(
              dim,
              (int) (dim * config.get("ffn_ratio").asDouble()),
              Blocks.FeedForward.MLP,
              Blocks.Norm.LAYER,
              true,
              config.get("mask_k_bias").asBoolean(),
              config.get("layerscale").asDouble());
      NDArray none = scope.manager().create(new float[0], new Shape(0));
      NDList p =
          Blocks.list(
              new StateDict(golden.under("w.")),
              "",
              form,
              none,
              golden.tensor("w.attn.qkv.bias_mask"));
      int headDim = dim / heads;
      RotaryEmbedding rope =
          new RotaryEmbedding(
              headDim,
              RotaryEmbedding.periods(BASE, headDim),
              RotaryEmbedding.Extent.SEPARATE,
              0,
              0,
              0);
      JsonNode grids = config.get("grids");
      for (int i = 0; i < grids.size(); i++) {
        NDArray x = golden.tensor("in.x" + i);
        int height = grids.get(i).get(0).asInt();
        int width = grids.get(i).get(1).asInt();
        int prefix = (int) x.getShape().get(1) - height * width;
        RotaryEmbedding.Table table = rope.table(scope, height, width, prefix);
        golden.compare(
            "out.eval" + i,
            TorchKernels.call(
                scope.manager(),
                "block",
                x,
                table.sin(),
                table.cos(),
                p,
                (long) heads,
                EPSILON,
                false));
        NDArray attention = golden.tensor("draw.attn" + i + ".kept");
        NDArray feedForward = golden.tensor("draw.ffn" + i + ".kept");
        int samples = (int) x.getShape().get(0);
        int kept = VisionTransformer.kept(samples, config.get("drop_path").asDouble());
        assertThat(attention.getShape().get(0)).isEqualTo(kept);
        assertThat(feedForward.getShape().get(0)).isEqualTo(kept);
        double scale = (double) samples / kept;
        golden.compare(
            "out.train" + i,
            TorchKernels.call(
                scope.manager(),
                "block_subset",
                x,
                table.sin(),
                table.cos(),
                p,
                (long) heads,
                EPSILON,
                attention,
                scale,
                feedForward,
                scale));
      }
    }
  }
}
