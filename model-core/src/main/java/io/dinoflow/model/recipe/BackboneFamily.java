package io.dinoflow.model.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The architectures of the DINOv3 family by their published names: the one place that knows them.
 *
 * <p>They stand as the released models run: without stochastic depth, with RoPE's rescaling of 2.
 * What a training changes, a recipe overrides.
 */
public final class BackboneFamily {
  private static final Map<String, BackboneRecipe> MEMBERS = members();

  private BackboneFamily() {}

  /** All names, transformers by size, then ConvNeXts by size. */
  public static List<String> names() {
    return List.copyOf(MEMBERS.keySet());
  }

  /** The architecture of that name. */
  public static Optional<BackboneRecipe> find(String name) {
    return Optional.ofNullable(MEMBERS.get(name));
  }

  private static Map<String, BackboneRecipe> members() {
    Map<String, BackboneRecipe> all = new LinkedHashMap<>();
    all.put("vits16", vit(384, 12, 6, 4, "mlp"));
    all.put("vits16plus", vit(384, 12, 6, 6, "swiglu"));
    all.put("vitb16", vit(768, 12, 12, 4, "mlp"));
    all.put("vitl16", vit(1024, 24, 16, 4, "mlp"));
    all.put("vith16plus", vit(1280, 32, 20, 6, "swiglu"));
    all.put("vit7b16", teacher());
    all.put("convnext_tiny", convNext(9, 96));
    all.put("convnext_small", convNext(27, 96));
    all.put("convnext_base", convNext(27, 128));
    all.put("convnext_large", convNext(27, 192));
    return all;
  }

  private static BackboneRecipe.Vit vit(
      int dim, int depth, int heads, double ffnRatio, String ffnLayer) {
    return new BackboneRecipe.Vit(
        16,
        dim,
        depth,
        heads,
        ffnRatio,
        ffnLayer,
        "layernormbf16",
        4,
        1e-5,
        0,
        true,
        true,
        false,
        false,
        100,
        0,
        0,
        2);
  }

  /** The 7B model: no bias on queries, keys and values, and a norm of its own for local crops. */
  private static BackboneRecipe.Vit teacher() {
    return new BackboneRecipe.Vit(
        16,
        4096,
        40,
        32,
        3,
        "swiglu64",
        "layernormbf16",
        4,
        1e-5,
        0,
        false,
        true,
        false,
        true,
        100,
        0,
        0,
        2);
  }

  private static BackboneRecipe.ConvNext convNext(int thirdDepth, int dim) {
    return new BackboneRecipe.ConvNext(
        List.of(3, 3, thirdDepth, 3), List.of(dim, 2 * dim, 4 * dim, 8 * dim), 0, 1e-6);
  }
}
