package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.ShardWriter;
import io.dinoflow.model.eval.EvaluationReport.Difference;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.train.StepListener;
import io.dinoflow.model.train.TrainJob;
import io.dinoflow.model.train.Trainer;
import io.dinoflow.model.train.Trainers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pre-training in the small: on pictures whose colours say nothing about their class, a short run's
 * features tell the classes apart better than the same network's before its first step.
 */
class LearningDirectionTest {
  private static final int PICTURES = 320;
  private static final int SIDE = 32;
  private static final RunId RUN = new RunId("direction");
  private static final PipelineRecipe RECIPE =
      RecipeFormat.parse(
          """
          name: direction
          seed: 3
          compute: {threads: 2}
          stages:
            - {kind: curate, name: curate}
            - kind: train
              name: pretrain
              start:
                kind: fresh
                student: {arch: vit, patch_size: 8, embed_dim: 48, depth: 2, num_heads: 3, n_storage_tokens: 1, layerscale: 1.0}
                dino_head: {n_prototypes: 64, bottleneck_dim: 32, hidden_dim: 96}
                ibot_head: {n_prototypes: 64, bottleneck_dim: 32, hidden_dim: 96}
              steps: 120
              batch_size: 32
              crops:
                sizes: [{global: 32, local: 16}]
                global_crops_scale: [0.5, 1.0]
                local_crops_scale: [0.2, 0.5]
                local_crops_number: 2
              optim:
                lr: {peak: 2.0e-3, end: 2.0e-3, warmup_steps: 10}
                momentum: {start: 0.97, peak: 0.97, end: 0.97}
                teacher_temp: {start: 0.02, peak: 0.04, end: 0.04, warmup_steps: 80}
                freeze_last_layer_steps: 5
                layerwise_decay: 1.0
                patch_embed_lr_mult: 1.0
            - {kind: evaluate, subjects: [pretrain], image_size: 32, folds: 4, knn: [10], linear_epochs: 0}
          """);

  @TempDir Path folder;

  @Test
  void pretrainingBeatsTheSameBackboneWithRandomWeights() throws IOException {
    Dataset dataset = dataset();
    EvaluationReport report =
        Evaluators.run(
            new EvaluationJob(
                RECIPE,
                "evaluate",
                "stripes",
                dataset,
                List.of(pretrained(dataset)),
                Optional.empty(),
                folder.resolve("cache"),
                Files.createDirectories(folder.resolve("output"))),
            (phase, done, of) -> {},
            text -> {
              throw new AssertionError("nothing is aligned here");
            });

    Difference gain =
        report.differences().stream()
            .filter(d -> d.baseline().equals("random weights"))
            .filter(d -> d.metric().name().equals("knn10.top1"))
            .findFirst()
            .orElseThrow();
    assertThat(gain.metric().value())
        .as("kNN top-1 over random weights; all scores: %s", report.scores())
        .isPositive()
        .isGreaterThan(3 * gain.metric().standardError().orElseThrow());
  }

  private EvaluationJob.Checkpoint pretrained(Dataset dataset) throws IOException {
    TrainJob job =
        new TrainJob(
            RECIPE,
            "pretrain",
            "",
            dataset,
            Map.of(),
            0,
            Optional.empty(),
            Optional.empty(),
            folder.resolve("scratch"));
    Path checkpoint = folder.resolve("checkpoint");
    try (Trainer trainer = Trainers.ssl(job)) {
      trainer.run(120, step -> StepListener.Verdict.GO_ON);
      trainer.snapshot(checkpoint);
    }
    TrackId track = TrackId.of(RUN, "pretrain");
    Sha256 id = Sha256.ofText(track.toString());
    return new EvaluationJob.Checkpoint(new CheckpointRef(id, track, 120, id), checkpoint, RECIPE);
  }

  private Dataset dataset() throws IOException {
    Path shards = Files.createDirectories(folder.resolve("shards"));
    List<Sample> samples = new ArrayList<>();
    try (ShardWriter writer = new ShardWriter(shards, 400_000)) {
      for (int i = 0; i < PICTURES; i++) {
        String key = "%03d".formatted(i);
        Png.write(picture(i), folder, key + ".png");
        byte[] bytes = Files.readAllBytes(folder.resolve(key + ".png"));
        ShardWriter.Place at = writer.write(key, "png", bytes, "", "");
        samples.add(
            new Sample(
                key,
                at.shard(),
                at.offset(),
                at.bytes(),
                Sha256.of(bytes),
                SIDE,
                SIDE,
                "pattern " + i % 4,
                "",
                key,
                false,
                "test",
                "none",
                "",
                ""));
      }
      writer.finish();
    }
    return new Dataset(samples, shards::resolve);
  }

  /** Lying or standing stripes, a chequerboard, or a disc; in two random colours, with noise. */
  private static RgbImage picture(int index) {
    SeededRandom random = SeededRandom.of(5, Purpose.SAMPLE, index);
    int[][] colours = new int[2][3];
    for (int[] colour : colours) {
      for (int c = 0; c < 3; c++) {
        colour[c] = random.nextInt(200);
      }
    }
    int period = 6 + random.nextInt(5);
    int dx = random.nextInt(period);
    int dy = random.nextInt(period);
    byte[] rgb = new byte[3 * SIDE * SIDE];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        boolean across = (y + dy) % period * 2 < period;
        boolean along = (x + dx) % period * 2 < period;
        boolean first =
            switch (index % 4) {
              case 0 -> across;
              case 1 -> along;
              case 2 -> across ^ along;
              default -> Math.hypot(x - 8 - dx, y - 8 - dy) < 8;
            };
        for (int c = 0; c < 3; c++) {
          rgb[3 * (y * SIDE + x) + c] = (byte) (colours[first ? 0 : 1][c] + random.nextInt(56));
        }
      }
    }
    return new RgbImage(SIDE, SIDE, rgb);
  }
}
