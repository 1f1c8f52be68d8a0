package io.dinoflow.model.recipe;

/**
 * Where the images come from.
 *
 * @param source {@code auto}, {@code emoji}, {@code shapes}, {@code cifar10}, a folder or tar on
 *     the worker's machine, or {@code dataset:NAME} for the newest version of a dataset in the
 *     store, {@code dataset:NAME@VERSION} for one of them
 * @param limit use only the first so many images; 0 for all
 */
public record DataRecipe(String source, int limit) {
  public DataRecipe {
    if (source.isBlank()) {
      throw new IllegalArgumentException(
          "data.source is empty, must be auto, emoji, shapes, cifar10, a folder, a tar or dataset:NAME");
    }
    Check.atLeast("data.limit", limit, 0);
  }
}
