package io.dinoflow.ops;

import io.dinoflow.model.recipe.io.RecipeCatalog;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The recipes that come with the product, by file name. */
public final class ShippedRecipes implements RecipeCatalog {
  private static final List<String> NAMES =
      List.of(
          "demo",
          "dinov3-7b",
          "dinov3-distill-convnext",
          "dinov3-distill-vit",
          "dinov3-sat",
          "dinov3-text",
          "tiny");

  @Override
  public List<String> names() {
    return NAMES;
  }

  @Override
  public Optional<String> text(String name) {
    if (!NAMES.contains(name)) {
      return Optional.empty();
    }
    String resource = "/recipes/" + name + ".yaml";
    try (InputStream in = ShippedRecipes.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is missing from the jar");
      }
      return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }
}
