package io.dinoflow.model.recipe;

/**
 * A projection head: an MLP to the bottleneck, L2 normalisation, and a bias-free layer to the
 * prototypes.
 */
public record HeadRecipe(int nPrototypes, int bottleneckDim, int hiddenDim, int nlayers) {
  public HeadRecipe {
    Check.atLeast("n_prototypes", nPrototypes, 2);
    Check.atLeast("bottleneck_dim", bottleneckDim, 1);
    Check.atLeast("hidden_dim", hiddenDim, 1);
    Check.within("nlayers", nlayers, 1, 10);
  }
}
