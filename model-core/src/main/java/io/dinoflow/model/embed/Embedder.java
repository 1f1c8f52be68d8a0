package io.dinoflow.model.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.hub.ForeignModel;
import io.dinoflow.model.hub.HubDirectory;
import io.dinoflow.model.hub.Preprocessing;
import io.dinoflow.model.kernel.ComputeDevice;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.Features;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.model.nn.Pass;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.ComputeCopies;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.StateDict;
import io.dinoflow.model.weights.TensorWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Runs a frozen backbone over pictures and writes {@code cls} (N, D), {@code patches} (N, P, D) and
 * {@code storage} (N, S, D) of the final norm, in fp32.
 *
 * <p>The weights are read once and stay until it is closed. While one batch of pictures runs
 * through the network the next is decoded; memory holds these two. The output appears whole, by
 * rename. A picture that cannot be decoded is left out and named. One thread uses it.
 */
public final class Embedder implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Model model;
  private final Settings settings;
  private final Backbone backbone;
  private final TensorScope scope;
  private final StateDict weights;

  private Embedder(Model model, Settings settings, Backbone backbone, TensorScope scope) {
    this.model = model;
    this.settings = settings;
    this.backbone = backbone;
    this.scope = scope;
    StateDict stored = Safetensors.read(model.weights(), scope.manager());
    this.weights =
        ComputeCopies.frozen(
            scope.manager(),
            settings.precision(),
            ParameterSpec.strictly(backbone.parameters(), stored, model.weights()));
  }

  /**
   * Reads the weights.
   *
   * @throws IllegalArgumentException the file has other parameters than the backbone
   */
  public static Embedder of(Model model, Settings settings) {
    TorchKernels.prepareThread(settings.device(), settings.threads());
    TensorScope scope = TensorScope.under(TorchKernels.manager());
    try {
      return new Embedder(model, settings, Backbones.of(model.backbone()), scope);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  /**
   * A backbone that is ready to run.
   *
   * @param weights a safetensors file with official names
   */
  public record Model(BackboneRecipe backbone, Preprocessing preprocessing, Path weights) {

    /**
     * That of a Hugging Face directory, with its weights copied to a file.
     *
     * @throws io.dinoflow.model.hub.UnsupportedModelException the directory holds no such model
     */
    public static Model of(Path directory, Path weights) {
      ForeignModel foreign = HubDirectory.read(directory);
      foreign.writeWeights(weights, "weights");
      return new Model(foreign.backbone(), foreign.preprocessing(), weights);
    }

    public Model withSide(int side) {
      return new Model(backbone, preprocessing.withSide(side), weights);
    }
  }

  /**
   * @param device where the network runs
   * @param threads of one tensor operation
   * @param precision of matrix products; what is written is fp32
   * @param scratch an empty folder with room for the features
   * @param notes what the output's metadata says beside the keys
   * @param progress told the pictures done so far
   */
  public record Settings(
      int batchSize,
      ComputeDevice device,
      int threads,
      Precision precision,
      Path scratch,
      Map<String, String> notes,
      LongConsumer progress) {
    public Settings {
      notes = Map.copyOf(notes);
      if (batchSize < 1 || threads < 1) {
        throw new IllegalArgumentException(
            "batch size %d and threads %d must be at least 1".formatted(batchSize, threads));
      }
    }
  }

  /** A picture that is not in the output, and why. */
  public record LeftOut(String name, String reason) {}

  /**
   * @param rows pictures in the output
   * @param waited time that the network waited for pixels
   */
  public record Outcome(long rows, List<LeftOut> leftOut, Duration waited) {
    public Outcome {
      leftOut = List.copyOf(leftOut);
    }
  }

  /**
   * Embeds pictures; the metadata's {@code keys} names each row as a JSON list.
   *
   * @throws IOException the disk failed
   * @throws IllegalArgumentException the pictures' side is less than one patch
   */
  public Outcome pictures(PictureStream pictures, Path output) throws IOException {
    int side = model.preprocessing().side();
    requirePatch(side, side);
    TorchKernels.prepareThread(settings.device(), settings.threads());
    List<String> keys = new ArrayList<>();
    try (Rows rows = new Rows(settings.scratch());
        PixelsAhead ahead = PixelsAhead.of(pictures, settings.batchSize(), model.preprocessing())) {
      for (Optional<PixelBatch> next = ahead.next(); next.isPresent(); next = ahead.next()) {
        PixelBatch batch = next.get();
        embed(rows, batch.pixels(), batch.shape());
        keys.addAll(batch.names());
        ahead.giveBack(batch);
      }
      if (!keys.isEmpty()) {
        Map<String, String> notes = new TreeMap<>(settings.notes());
        notes.put("keys", json(keys));
        notes.put("image_size", Integer.toString(side));
        finish(rows, notes, output);
      }
      return new Outcome(keys.size(), ahead.leftOut(), ahead.waited());
    }
  }

  /**
   * Embeds ready pixels: a safetensors file whose one tensor {@code pixel_values} (N, 3, H, W) is
   * fp32.
   *
   * @throws IllegalArgumentException the file holds something else
   */
  public Outcome raw(Path file, Path output) throws IOException {
    try (RawPixels raw = RawPixels.open(file)) {
      requirePatch(raw.height(), raw.width());
      TorchKernels.prepareThread(settings.device(), settings.threads());
      Duration waited = Duration.ZERO;
      try (Rows rows = new Rows(settings.scratch())) {
        for (long from = 0; from < raw.count(); from += settings.batchSize()) {
          int n = (int) Math.min(settings.batchSize(), raw.count() - from);
          long began = System.nanoTime();
          FloatBuffer pixels = raw.read(from, n);
          waited = waited.plusNanos(System.nanoTime() - began);
          embed(rows, pixels, new Shape(n, 3, raw.height(), raw.width()));
        }
        finish(rows, settings.notes(), output);
      }
      return new Outcome(raw.count(), List.of(), waited);
    }
  }

  @Override
  public void close() {
    scope.close();
  }

  private void requirePatch(long height, long width) {
    if (height < backbone.stride() || width < backbone.stride()) {
      throw new IllegalArgumentException(
          "pictures of %dx%d are smaller than one patch of the model, %d"
              .formatted(width, height, backbone.stride()));
    }
  }

  private void embed(Rows rows, FloatBuffer pixels, Shape shape) throws IOException {
    try (TensorScope inner = scope.nested()) {
      NDArray pixels_B3HW = inner.create(pixels, shape);
      Features f = backbone.forward(inner, weights, pixels_B3HW, Pass.eval());
      rows.cls.append(f.cls_BD());
      rows.patches.append(f.patches_BND());
      rows.storage.append(f.storage_BSD());
    }
    rows.done += shape.get(0);
    settings.progress().accept(rows.done);
  }

  private void finish(Rows rows, Map<String, String> notes, Path output) throws IOException {
    Map<String, String> metadata = new TreeMap<>(notes);
    metadata.putAll(TensorWriter.PLAIN);
    Path draft = output.resolveSibling(output.getFileName() + ".part");
    try {
      TensorWriter.write(
          draft,
          output.getFileName().toString(),
          List.of(rows.cls.draft(), rows.patches.draft(), rows.storage.draft()),
          metadata);
      Files.move(
          draft, output, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private static String json(List<String> keys) {
    try {
      return JSON.writeValueAsString(keys);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("names could not be written as JSON", e);
    }
  }

  /** The three tensors as they grow. */
  private static final class Rows implements Closeable {
    private final FeatureRows cls;
    private final FeatureRows patches;
    private final FeatureRows storage;
    private long done;

    Rows(Path scratch) throws IOException {
      this.cls = new FeatureRows("cls", scratch);
      this.patches = new FeatureRows("patches", scratch);
      this.storage = new FeatureRows("storage", scratch);
    }

    @Override
    public void close() throws IOException {
      cls.close();
      patches.close();
      storage.close();
    }
  }
}
