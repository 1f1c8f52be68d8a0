package io.dinoflow.model.hub;

import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.model.recipe.BackboneRecipe;

/** The hidden width of a feed-forward, which recipes give as a ratio and configurations as is. */
final class FeedForwardWidth {
  private FeedForwardWidth() {}

  /** What the network is built with, so that no formula stands here twice. */
  static long of(BackboneRecipe.Vit vit) {
    String first =
        vit.ffnLayer().equals("mlp") ? "blocks.0.mlp.fc1.weight" : "blocks.0.mlp.w1.weight";
    return Backbones.of(vit).parameters().stream()
        .filter(spec -> spec.name().equals(first))
        .map(ParameterSpec::shape)
        .map(shape -> shape.get(0))
        .findFirst()
        .orElseThrow();
  }

  /** A ratio from which a plain feed-forward gets this width: its product is cut to a whole. */
  static double plainRatio(int dim, int hidden) {
    double ratio = (double) hidden / dim;
    return (int) (dim * ratio) == hidden ? ratio : Math.nextUp(ratio);
  }

  /** A ratio for a gated one, whose width is two thirds rounded up to a multiple of 8. */
  static double gatedRatio(int dim, int hidden) {
    return plainRatio(dim, Math.multiplyExact(hidden, 3) / 2);
  }
}
