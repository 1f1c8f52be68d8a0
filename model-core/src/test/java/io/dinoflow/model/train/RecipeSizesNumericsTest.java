package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.Head;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.model.plan.RecipeSizes;
import io.dinoflow.model.plan.StageSize;
import io.dinoflow.model.plan.TrackSize;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.text.Towers;
import io.dinoflow.model.weights.StateDict;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The arithmetic against what a trainer really writes. */
class RecipeSizesNumericsTest {
  private static final String RECIPE =
      """
      name: sizes
      stages:
        - {kind: curate, name: curate, n_clusters: [4]}
        - kind: train
          name: pretrain
          start:
            kind: fresh
            student: {arch: vit, patch_size: 8, embed_dim: 48, depth: 2, num_heads: 3, layerscale: 0.1}
            dino_head: {n_prototypes: 64, bottleneck_dim: 32, hidden_dim: 64}
            ibot_head: {n_prototypes: 64, bottleneck_dim: 32, hidden_dim: 64}
          steps: 10
          batch_size: 4
          checkpointing: {period: 4, probe_steps: 3, max_to_keep: 2}
        - kind: distill
          name: distill
          teacher: pretrain
          groups:
            - name: small
              students:
                - name: convnext
                  student: {arch: convnext, depths: [1, 1, 1, 1], dims: [8, 16, 24, 32], layerscale: 0.1}
          steps: 6
          batch_size: 8
          checkpointing: {period: 3, max_to_keep: 0}
        - kind: align_text
          name: align
          vision: pretrain
          steps: 6
          batch_size: 16
          image_size: 32
          text: {width: 32, layers: 1, heads: 2, context_length: 16, embed_dim: 96}
      """;

  @TempDir Path folder;

  @Test
  void estimatesACheckpointToWithinAPercentOfWhatIsWritten() {
    PipelineRecipe recipe = RecipeFormat.parse(RECIPE);
    Start.Fresh architecture =
        recipe.architecture(recipe.stage("pretrain", StageRecipe.Train.class));
    StageRecipe.Distill distill = recipe.stage("distill", StageRecipe.Distill.class);
    List<StageSize> sizes = RecipeSizes.of(recipe);

    checkAgainst(sizes.get(1).tracks().get(0), architecture.student(), architecture);
    checkAgainst(
        sizes.get(2).tracks().get(0),
        distill.groups().get(0).students().get(0).student(),
        architecture);
  }

  @Test
  void estimatesAlignedTowersToWithinAPercentToo() {
    PipelineRecipe recipe = RecipeFormat.parse(RECIPE);
    StageRecipe.AlignText align = recipe.stage("align", StageRecipe.AlignText.class);
    Towers towers = Towers.of(recipe, align);
    TrackSize size = RecipeSizes.of(recipe).get(3).tracks().get(0);
    ParameterGroups groups = new ParameterGroups(1, 1);
    try (Learner learner = new Learner(TorchKernels.manager(), "")) {
      learner.add("vision", fresh(towers.head().parameters(), learner), groups);
      learner.add("text", fresh(towers.text().parameters(), learner), groups);
      learner.add("logit_scale", fresh(List.of(AlignObjective.logitScale()), learner), groups);
      long bytes =
          bytes(
              new StateParts()
                  .put(Networks.STUDENT_FILE, Towers.VISION_PREFIX, learner.weights("vision"))
                  .put(Networks.STUDENT_FILE, Towers.TEXT_PREFIX, learner.weights("text"))
                  .put(Networks.STUDENT_FILE, "", learner.weights("logit_scale"))
                  .putMoments(learner));

      assertThat((double) size.checkpointBytes()).isCloseTo(bytes, within(0.01 * bytes));
      assertThat(size.trainedParameters())
          .isEqualTo(
              learner.parameters().stream().mapToLong(tensor -> tensor.getShape().size()).sum());
    }
  }

  private static StateDict fresh(List<ParameterSpec> specs, Learner learner) {
    return ParameterSpec.initialise(specs, learner.manager(), 1);
  }

  private long bytes(StateParts parts) {
    return parts.write(folder, 0, new HealthGuard(GoldenConfig.UNJUDGED).state("")).files().stream()
        .mapToLong(BlobFile::bytes)
        .sum();
  }

  @Test
  void countsCommitsPicturesAndWhatIsKept() {
    List<StageSize> sizes = RecipeSizes.of(RecipeFormat.parse(RECIPE));

    TrackSize pretrain = sizes.get(1).tracks().get(0);
    // at steps 3, 4, 6, 8, 9 and, being the last, 10
    assertThat(pretrain.checkpoints()).isEqualTo(6);
    assertThat(pretrain.kept()).isEqualTo(2);
    assertThat(sizes.get(1).pictures()).isEqualTo(40);
    assertThat(sizes.get(1).keptBytes()).isEqualTo(2 * pretrain.checkpointBytes());
    TrackSize student = sizes.get(2).tracks().get(0);
    assertThat(student.student()).isEqualTo("convnext");
    assertThat(student.checkpoints()).isEqualTo(student.kept()).isEqualTo(2);
    assertThat(sizes.get(0).tracks()).isEmpty();
  }

  private void checkAgainst(TrackSize size, BackboneRecipe student, Start.Fresh architecture) {
    Backbone backbone = Backbones.of(student);
    try (Learner learner = new Learner(TorchKernels.manager(), "")) {
      ParameterGroups groups = new ParameterGroups(1, 1);
      StateDict body = backbone.initialise(learner.manager(), 1);
      Head dino = Networks.head(backbone, architecture.dinoHead());
      Head ibot = Networks.head(backbone, architecture.ibotHead());
      learner.add(Networks.BACKBONE, body, groups);
      learner.add(Networks.DINO_HEAD, dino.initialise(learner.manager(), 1), groups);
      learner.add(Networks.IBOT_HEAD, ibot.initialise(learner.manager(), 1), groups);
      learner.moduleNames().forEach(learner::average);
      long parameters =
          body.list().stream().mapToLong(parameter -> parameter.getShape().size()).sum();
      long bytes = bytes(Networks.parts(learner, backbone.buffers(learner.manager())));

      assertThat(size.backboneParameters()).isEqualTo(parameters);
      assertThat((double) size.checkpointBytes()).isCloseTo(bytes, within(0.01 * bytes));
    }
  }
}
