package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.hub.Preprocessing;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The backbone that a checkpoint holds, with what its run's recipe says of it.
 *
 * @param subject as evaluations name it: {@code pretrain}, {@code distill/vit}
 */
record StoredModel(
    CheckpointRef checkpoint,
    RunRow run,
    String subject,
    PipelineRecipe.VisionTower tower,
    Preprocessing preprocessing) {
  private static final String TEACHER = "teacher.safetensors";

  /**
   * @param reference the beginning of a checkpoint's id, or RUN/STAGE[/STUDENT]
   */
  static StoredModel find(Services services, String reference) {
    LineageStore lineage = services.lineage();
    Sha256 id = References.artifact(lineage, reference);
    ArtifactRow row = References.row(lineage, id);
    if (row.ref().kind() != ArtifactKind.CHECKPOINT) {
      throw CliFailure.usage(
          reference + " is no checkpoint",
          "it is %s, called %s".formatted(row.ref().kind(), row.name()),
          "`dinoflow checkpoints` lists them");
    }
    CheckpointRef checkpoint = services.checkpoints().find(id.hex());
    RunRow run = References.run(lineage, checkpoint.track().run());
    PipelineRecipe recipe = RecordedRecipe.of(run);
    String stage = recipe.stageOf(checkpoint.track()).name();
    PipelineRecipe.VisionTower tower =
        recipe
            .tower(stage, checkpoint.track().student())
            .orElseThrow(
                () ->
                    CliFailure.usage(
                        reference + " holds no backbone",
                        "stage %s of run %s trains on top of another stage's"
                            .formatted(stage, run.id()),
                        "name a checkpoint of a train, distill or import stage"));
    return new StoredModel(
        checkpoint,
        run,
        stage + checkpoint.track().student().map(s -> "/" + s).orElse(""),
        tower,
        new Preprocessing(tower.imageSize(), tower.rgbMean(), tower.rgbStd()));
  }

  /** Fetches the EMA teacher's weights, verified. */
  Path weights(Services services, Path scratch) throws IOException {
    Map<String, Path> parts =
        services.checkpoints().fetch(checkpoint.id(), TEACHER::equals, scratch.resolve("model"));
    Path weights = parts.get(TEACHER);
    if (weights == null) {
      throw new IllegalStateException(
          "checkpoint %s of %s has no part %s"
              .formatted(checkpoint.id().shortForm(), checkpoint.track(), TEACHER));
    }
    return weights;
  }
}
