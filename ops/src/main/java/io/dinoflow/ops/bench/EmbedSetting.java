package io.dinoflow.ops.bench;

import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.ComputeRecipe.NumberFormat;
import java.util.List;
import java.util.Map;

/**
 * What embedding is measured on: a frozen ViT with patches of 16 pixels and weights that nobody
 * trained, over pictures of {@link DataPictures}.
 *
 * @param threads intra-op threads
 */
public record EmbedSetting(NumberFormat precision, Width width, int threads) {
  static final int BATCH = 16;

  private static final int PATCH = 16;
  private static final int STORAGE_TOKENS = 4;

  // so large that every block weighs in the features
  private static final double LAYER_SCALE = 0.5;

  /** ViT-S/16 and ViT-B/16 as published, or very few dimensions to try the bench. */
  public enum Width {
    tiny(48, 2, 3, 64),
    small(384, 12, 6, 224),
    base(768, 12, 12, 224);

    private final int dim;
    private final int depth;
    private final int heads;
    private final int side;

    Width(int dim, int depth, int heads, int side) {
      this.dim = dim;
      this.depth = depth;
      this.heads = heads;
      this.side = side;
    }
  }

  /** The case's name in a row. */
  String subject() {
    return "%s %s, %d px, batches of %d".formatted(precision, width, side(), BATCH);
  }

  /** Of the pictures as the network sees them. */
  int side() {
    return width.side;
  }

  BackboneRecipe backbone() {
    return new BackboneRecipe.Vit(
        PATCH,
        width.dim,
        width.depth,
        width.heads,
        4,
        "mlp",
        "layernormbf16",
        STORAGE_TOKENS,
        LAYER_SCALE,
        0,
        true,
        true,
        false,
        false,
        100,
        0,
        0,
        0);
  }

  /** As arguments of {@link EmbedProgram}. */
  List<String> arguments() {
    return List.of(precision.name(), String.valueOf(threads));
  }

  /** Under the names that the reference reads. */
  Map<String, Object> forReference() {
    return Map.of("precision", precision.name(), "threads", threads, "batch", BATCH);
  }
}
