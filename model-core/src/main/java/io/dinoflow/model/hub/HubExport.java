package io.dinoflow.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.weights.ElementType;
import io.dinoflow.model.weights.StoredTensor;
import io.dinoflow.model.weights.TensorDraft;
import io.dinoflow.model.weights.TensorFile;
import io.dinoflow.model.weights.TensorWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes a Hugging Face directory that loads as it is.
 *
 * <p>The directory appears whole, by rename, or not at all. A folder that holds anything but a
 * former export of the same checkpoint is left alone.
 */
public final class HubExport {
  /** Names the checkpoint that a directory was exported from. */
  public static final String MARK = "dinoflow.json";

  private static final String CHECKPOINT = "checkpoint";
  private static final ObjectMapper JSON = new ObjectMapper();

  private HubExport() {}

  /**
   * What is exported.
   *
   * @param weights a safetensors file with the backbone's official names
   * @param checkpoint its id
   * @param facts more about it, for programs; deterministic
   * @param card the {@code README.md}
   */
  public record Model(
      BackboneRecipe backbone,
      Preprocessing preprocessing,
      Path weights,
      String checkpoint,
      Map<String, String> facts,
      String card) {
    public Model {
      facts = Map.copyOf(facts);
    }
  }

  /**
   * @return the weights as they lie in the directory
   * @throws UnsupportedModelException the folder is not free, or the other library has no such
   *     model
   * @throws IOException the disk failed
   */
  public static BlobFile write(Model model, Path folder) throws IOException {
    Path target = folder.toAbsolutePath().normalize();
    requireFree(target, model.checkpoint());
    Files.createDirectories(target.getParent());
    Path draft = Files.createTempDirectory(target.getParent(), "." + target.getFileName() + "-");
    try {
      BlobFile weights = fill(model, draft);
      replace(draft, target);
      return new BlobFile(
          weights.name(), target.resolve(weights.name()), weights.sha256(), weights.bytes());
    } finally {
      delete(draft);
    }
  }

  private static BlobFile fill(Model model, Path draft) throws IOException {
    TensorFile stored = TensorFile.read(model.weights());
    Map<String, StoredTensor> official = new HashMap<>();
    stored.tensors().forEach(t -> official.put(t.name(), t));
    NarrowTensors narrow = NarrowTensors.of(stored);
    List<TensorDraft> drafts =
        new HubLayout(model.backbone())
            .fromOfficial(official, model.weights().toString()).stream()
                .map(narrow::asItWas)
                .toList();
    ObjectNode config = HubConfig.write(model.backbone(), model.preprocessing().side());
    config.put("dtype", typeOf(drafts));
    write(draft.resolve(HubConfig.FILE), config);
    write(draft.resolve(HubPreprocessor.FILE), HubPreprocessor.write(model.preprocessing()));
    BlobFile weights =
        TensorWriter.write(
            draft.resolve(HubDirectory.WEIGHTS), HubDirectory.WEIGHTS, drafts, TensorWriter.PLAIN);
    ObjectNode mark = JSON.createObjectNode();
    mark.put(CHECKPOINT, model.checkpoint());
    model.facts().keySet().stream()
        .sorted()
        .forEach(fact -> mark.put(fact, model.facts().get(fact)));
    mark.put("weights", weights.sha256().hex());
    write(draft.resolve(MARK), mark);
    Files.writeString(draft.resolve("README.md"), model.card());
    return weights;
  }

  /** The type of the largest tensor, as the other library calls it. */
  private static String typeOf(List<TensorDraft> drafts) {
    ElementType type =
        drafts.stream()
            .max(Comparator.comparingLong(TensorDraft::elements))
            .map(TensorDraft::type)
            .orElse(ElementType.F32);
    return switch (type) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default -> "float32";
    };
  }

  private static void write(Path file, ObjectNode json) throws IOException {
    Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
  }

  private static void requireFree(Path target, String checkpoint) throws IOException {
    if (!Files.exists(target) || (Files.isDirectory(target) && isEmpty(target))) {
      return;
    }
    Path mark = target.resolve(MARK);
    if (!Files.isRegularFile(mark)) {
      throw new UnsupportedModelException(
          "%s is there already and holds no former export".formatted(target));
    }
    JsonNode former = HubDirectory.json(mark).path(CHECKPOINT);
    if (!former.asText().equals(checkpoint)) {
      throw new UnsupportedModelException(
          "%s holds the export of another checkpoint, %s".formatted(target, former.asText()));
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.findAny().isEmpty();
    }
  }

  private static void replace(Path draft, Path target) throws IOException {
    if (Files.exists(target)) {
      Path former = Files.createTempDirectory(target.getParent(), "." + target.getFileName() + "-");
      Files.delete(former);
      Files.move(target, former);
      Files.move(draft, target);
      delete(former);
    } else {
      Files.move(draft, target);
    }
    // a temporary folder is private to its owner; a model is there to be read
    if (Files.getFileStore(target).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(
          target, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> inside;
    try (Stream<Path> walk = Files.walk(folder)) {
      inside = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : inside) {
      Files.delete(path);
    }
  }
}
