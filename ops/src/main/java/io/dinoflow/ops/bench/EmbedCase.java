package io.dinoflow.ops.bench;

import io.dinoflow.model.hub.HubExport;
import io.dinoflow.model.hub.Preprocessing;
import io.dinoflow.model.nn.FreshWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What both programs of {@link EmbedBench} read: pictures as files, and the model as a Hugging Face
 * directory.
 */
final class EmbedCase {
  private static final String CHECKPOINT = "bench";
  private static final long SEED = 1;

  private EmbedCase() {}

  static void write(EmbedSetting setting, Path folder) throws IOException {
    DataPictures.in(Files.createDirectories(pictures(folder)));
    Path weights = folder.resolve("fresh.safetensors");
    FreshWeights.write(setting.backbone(), SEED, weights);
    HubExport.write(
        new HubExport.Model(
            setting.backbone(),
            Preprocessing.IMAGENET.withSide(setting.side()),
            weights,
            CHECKPOINT,
            Map.of(),
            "A model to measure with; nobody trained it.\n"),
        model(folder));
    Files.delete(weights);
  }

  static Path pictures(Path folder) {
    return folder.resolve("pictures");
  }

  static Path model(Path folder) {
    return folder.resolve("model");
  }
}
