package io.dinoflow.activity.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.activity.support.Recipes;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.hub.ForeignModel;
import io.dinoflow.model.hub.HubConfig;
import io.dinoflow.model.hub.UnsupportedModelException;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.storage.artifact.ArtifactDraft;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.checkpoint.CheckpointDraft;
import io.dinoflow.storage.checkpoint.CheckpointStore;
import io.dinoflow.storage.checkpoint.Claim;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunOpening;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.StageResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Keeps models that came from elsewhere: each is a run {@code import-NAME} of its own whose one
 * checkpoint, at step 0, points at an artifact that names the source's files by their digests.
 *
 * <p>Importing is idempotent and may be cut off anywhere: the same model under the same name is one
 * checkpoint, and another model under a name that is taken is refused.
 */
public final class ImportedModels {
  private static final String TEACHER = "teacher.safetensors";
  private static final int DIFFERENCES_MAX = 4;
  private static final long KEPT_BYTES_MAX = 1 << 20;

  private final LineageStore lineage;
  private final CheckpointStore checkpoints;
  private final ArtifactStore artifacts;

  public ImportedModels(
      LineageStore lineage, CheckpointStore checkpoints, ArtifactStore artifacts) {
    this.lineage = lineage;
    this.checkpoints = checkpoints;
    this.artifacts = artifacts;
  }

  /**
   * @param checkpoint the model's
   * @param run that stands for the import
   */
  public record Imported(CheckpointRef checkpoint, RunId run) {}

  /**
   * @param name 1 to 40 of a-z 0-9 _ -; recipes refer to it
   * @param scratch an empty folder with room for the weights in fp32
   * @throws ImportConflictException another model has the name
   * @throws IOException the disk failed
   */
  public Imported register(ForeignModel model, String name, Path scratch, Environment environment)
      throws IOException {
    BlobFile weights = model.writeWeights(scratch.resolve(TEACHER), TEACHER);
    PipelineRecipe recipe = recipe(model, name, weights.sha256());
    StageRecipe.Import stage = recipe.stage(StageRecipe.Import.STAGE, StageRecipe.Import.class);
    RunId run = stage.track().run();
    RunOpening opening = open(run, recipe);
    if (opening.run().state() == RunState.DONE) {
      Optional<CheckpointRef> known = committed(stage);
      if (known.isPresent()) {
        return new Imported(known.get(), run);
      }
    }
    lineage.setRunState(run, RunState.RUNNING, "");
    lineage.beginStage(run, stage.name(), 0, "import", Optional.empty());
    ArtifactRef source = artifacts.commit(source(model, name, run));
    Claim claim = checkpoints.claim(stage.track(), "import");
    CheckpointRef made =
        claim
            .head()
            .orElseGet(
                () ->
                    checkpoints.commit(
                        claim,
                        new CheckpointDraft(
                            0,
                            List.of(weights),
                            List.of(EdgeDraft.of(EdgeKind.IMPORTED, source.id())),
                            List.of(),
                            environment)));
    checkpoints.pin(made.id());
    lineage.finishStage(
        run, stage.name(), stored(StageResult.trained(stage.name(), List.of(made), List.of())));
    lineage.closeRun(run, RunState.DONE, "");
    return new Imported(made, run);
  }

  private RunOpening open(RunId run, PipelineRecipe recipe) {
    String canonical = RecipeFormat.canonicalJson(recipe);
    RunOpening opening = lineage.openRun(run, recipe.name(), Sha256.ofText(canonical), canonical);
    if (opening.outcome() == RunOpening.Outcome.CONFLICT) {
      List<String> differences = RecipeFormat.differences(opening.run().recipeJson(), canonical);
      throw new ImportConflictException(
          "another model was imported as \"%s\"; it differs in %s%s"
              .formatted(
                  recipe.name(),
                  String.join("; ", differences.stream().limit(DIFFERENCES_MAX).toList()),
                  differences.size() > DIFFERENCES_MAX ? " and more" : ""));
    }
    return opening;
  }

  /** The run's recipe is all that decides the checkpoint, so that equal imports are one run. */
  private static PipelineRecipe recipe(ForeignModel model, String name, Sha256 weights) {
    ObjectMapper json = RecipeFormat.mapper();
    ObjectNode tree = json.createObjectNode();
    tree.put("name", name).put("description", "a model that came from elsewhere");
    ObjectNode stage = tree.putArray("stages").addObject();
    stage.put("kind", "import").put("name", StageRecipe.Import.STAGE).put("from", name);
    stage.put("weights", weights.hex());
    stage.set("student", json.valueToTree(model.backbone()));
    stage.put("image_size", model.preprocessing().side());
    ArrayNode mean = stage.putArray("rgb_mean");
    model.preprocessing().mean().forEach(mean::add);
    ArrayNode std = stage.putArray("rgb_std");
    model.preprocessing().std().forEach(std::add);
    return RecipeFormat.bind(tree);
  }

  /** Names every file by its digest; small ones are kept whole, weights are in the checkpoint. */
  private static ArtifactDraft source(ForeignModel model, String name, RunId run)
      throws IOException {
    Map<String, String> facts = new TreeMap<>();
    List<BlobFile> kept = new ArrayList<>();
    for (Path file : model.files()) {
      BlobFile blob = digested(file);
      facts.put(blob.name(), "sha256:%s, %d bytes".formatted(blob.sha256(), blob.bytes()));
      if (blob.bytes() <= KEPT_BYTES_MAX && !blob.name().endsWith(".safetensors")) {
        kept.add(blob);
      }
    }
    return new ArtifactDraft(
        ArtifactKind.MODEL,
        name,
        Optional.of(new ArtifactDraft.MadeBy(run, StageRecipe.Import.STAGE)),
        kept,
        facts,
        List.of(),
        List.of());
  }

  private static BlobFile digested(Path file) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    long bytes;
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      bytes = in.transferTo(OutputStream.nullOutputStream());
    }
    return new BlobFile(
        file.getFileName().toString(), file, Sha256.ofDigest(digest.digest()), bytes);
  }

  private static io.dinoflow.storage.lineage.StageResult stored(StageResult result) {
    try {
      return new io.dinoflow.storage.lineage.StageResult(
          Payloads.mapper().writeValueAsString(result),
          result.checkpoints().stream().map(CheckpointRef::id).toList(),
          Optional.empty());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stage's result could not be written as JSON", e);
    }
  }

  private Optional<CheckpointRef> committed(StageRecipe.Import stage) {
    return lineage.checkpoints(stage.track()).stream()
        .filter(row -> row.state() == CheckpointRow.State.COMMITTED)
        .map(CheckpointRow::ref)
        .findFirst();
  }

  /**
   * The checkpoint that a recipe's Import stage means.
   *
   * @throws io.temporal.failure.ApplicationFailure BadConfig: none was imported under that name, or
   *     it is another network or has other weights than the recipe says
   */
  public CheckpointRef find(StageRecipe.Import wanted, Recipes recipes) {
    Optional<RunRow> run = lineage.run(wanted.track().run());
    Optional<CheckpointRef> found = run.flatMap(r -> committed(wanted));
    if (run.isEmpty() || found.isEmpty()) {
      throw refused(
          wanted,
          "no model was imported as \"%s\": `dinoflow import --help` says how"
              .formatted(wanted.from()));
    }
    StageRecipe.Import original =
        recipes
            .read(run.get().id(), run.get().recipeDigest())
            .stage(StageRecipe.Import.STAGE, StageRecipe.Import.class);
    if (!original.weights().startsWith(wanted.weights())) {
      throw refused(
          wanted,
          "the model imported as \"%s\" has weights %s, not %s"
              .formatted(wanted.from(), original.weights(), wanted.weights()));
    }
    try {
      if (!HubConfig.sameNetwork(original.student(), wanted.student())) {
        throw refused(
            wanted,
            "the model imported as \"%s\" is %s, the recipe says %s"
                .formatted(wanted.from(), original.student(), wanted.student()));
      }
    } catch (UnsupportedModelException e) {
      throw refused(wanted, String.valueOf(e.getMessage()));
    }
    return found.get();
  }

  private static RuntimeException refused(StageRecipe.Import wanted, String why) {
    return FailureMapper.lasting(
        Failures.BAD_CONFIG, "stage \"%s\": %s".formatted(wanted.name(), why));
  }
}
