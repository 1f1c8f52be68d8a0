package io.dinoflow.activity.testing;

import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.io.RecipeCatalog;
import io.dinoflow.model.recipe.io.RecipeFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A recipe with every kind of stage, and a catalog that has only it. */
public final class Chain implements RecipeCatalog {
  /** Its text. */
  public static String yaml() {
    try (InputStream in = Chain.class.getResourceAsStream("/chain.yaml")) {
      if (in == null) {
        throw new IllegalStateException("chain.yaml is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The recipe. */
  public static PipelineRecipe recipe() {
    return RecipeFormat.parse(yaml());
  }

  /** The recipe with other values by path. */
  public static PipelineRecipe with(String path, Object value) {
    return RecipeFormat.override(recipe(), Map.of(path, value));
  }

  @Override
  public List<String> names() {
    return List.of("chain");
  }

  @Override
  public Optional<String> text(String name) {
    return name.equals("chain") ? Optional.of(yaml()) : Optional.empty();
  }
}
