package io.dinoflow.model.nn;

import io.dinoflow.model.recipe.BackboneRecipe;

/** Makes the backbone that a recipe names. */
public final class Backbones {
  private Backbones() {}

  public static Backbone of(BackboneRecipe recipe) {
    return recipe.match(
        new BackboneRecipe.Cases<>() {
          @Override
          public Backbone vit(BackboneRecipe.Vit vit) {
            return new VisionTransformer(vit);
          }

          @Override
          public Backbone convNext(BackboneRecipe.ConvNext convNext) {
            return new ConvNext(convNext);
          }
        });
  }
}
