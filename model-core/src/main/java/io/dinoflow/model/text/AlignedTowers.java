package io.dinoflow.model.text;

import ai.djl.ndarray.NDManager;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.StateDict;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Pictures and texts in one space, as a finished AlignText stage maps them: cosine similarity says
 * how well a text describes a picture.
 *
 * <p>Owns its native memory until it is closed. Used by one thread, the one that loaded it.
 */
public final class AlignedTowers implements AutoCloseable {
  private final NDManager manager;
  private final Towers towers;
  private final Towers.Weights weights;

  private AlignedTowers(NDManager manager, Towers towers, Towers.Weights weights) {
    this.manager = manager;
    this.towers = towers;
    this.weights = weights;
  }

  /**
   * @param alignFolder verified parts of a checkpoint of the stage: {@code student.safetensors}
   * @param visionFolder verified parts of the vision stage's: {@code teacher.safetensors}
   * @throws IllegalArgumentException a file lacks tensors of the recipe's towers
   */
  public static AlignedTowers load(
      PipelineRecipe recipe, StageRecipe.AlignText stage, Path alignFolder, Path visionFolder) {
    TorchKernels.prepareThread(recipe.compute());
    Towers towers = Towers.of(recipe, stage);
    NDManager manager = TorchKernels.manager().newSubManager();
    try {
      StateDict vision = Safetensors.read(visionFolder.resolve("teacher.safetensors"), manager);
      StateDict trained = Safetensors.read(alignFolder.resolve("student.safetensors"), manager);
      return new AlignedTowers(
          manager,
          towers,
          new Towers.Weights(
              only(vision, towers.backbone().parameters()),
              only(trained.withoutPrefix(Towers.VISION_PREFIX), towers.head().parameters()),
              only(trained.withoutPrefix(Towers.TEXT_PREFIX), towers.text().parameters())));
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private static StateDict only(StateDict stored, List<ParameterSpec> wanted) {
    for (ParameterSpec spec : wanted) {
      List<Long> shape =
          Arrays.stream(stored.tensor(spec.name()).getShape().getShape()).boxed().toList();
      if (!shape.equals(spec.shape())) {
        throw new IllegalArgumentException(
            "tensor \"%s\" has shape %s, but the recipe's towers need %s"
                .formatted(spec.name(), shape, spec.shape()));
      }
    }
    return stored.only(wanted.stream().map(ParameterSpec::name).toList());
  }

  /** Side of the square pictures it takes. */
  public int side() {
    return towers.side();
  }

  /**
   * Embeddings of L2 norm 1, one a picture.
   *
   * @param images_N3SS normalised as the vision stage's crops say, from index 0; position and limit
   *     do not matter
   */
  public float[][] images(FloatBuffer images_N3SS, int count) {
    return towers.images(weights, images_N3SS, count);
  }

  /** Embeddings of L2 norm 1, one a caption, in order. */
  public float[][] texts(List<String> captions) {
    return towers.texts(weights, captions);
  }

  @Override
  public void close() {
    manager.close();
  }
}
