package io.dinoflow.model.text;

import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Pictures and texts in one space, as a finished AlignText stage maps them: cosine similarity says
 * how well a text describes a picture.
 *
 * <p>Owns its native memory until it is closed. Used by one thread, the one that loaded it.
 */
public final class AlignedTowers implements AutoCloseable {
  private final StageRecipe.AlignText stage;

  private AlignedTowers(StageRecipe.AlignText stage) {
    this.stage = stage;
  }

  /**
   * @param alignFolder verified parts of a checkpoint of the stage: {@code student.safetensors}
   * @param visionFolder verified parts of the vision stage's: {@code teacher.safetensors}
   */
  public static AlignedTowers load(
      PipelineRecipe recipe, StageRecipe.AlignText stage, Path alignFolder, Path visionFolder) {
    return new AlignedTowers(stage);
  }

  /** Side of the square pictures it takes. */
  public int side() {
    return stage.imageSize();
  }

  /**
   * Embeddings of L2 norm 1, one a picture.
   *
   * @param images_N3SS normalised as the vision stage's crops say, from index 0; position and limit
   *     do not matter
   */
  public float[][] images(FloatBuffer images_N3SS, int count) {
    throw new UnsupportedOperationException("lands with the towers");
  }

  /** Embeddings of L2 norm 1, one a caption, in order. */
  public float[][] texts(List<String> captions) {
    throw new UnsupportedOperationException("lands with the towers");
  }

  @Override
  public void close() {}
}
