package io.dinoflow.model.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.data.ImageDecoder;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.UnreadableImageException;
import io.dinoflow.model.hub.Preprocessing;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.Features;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.model.nn.Pass;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.StateDict;
import io.dinoflow.model.weights.TensorWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Runs a frozen backbone over pictures and writes {@code cls} (N, D), {@code patches} (N, P, D) and
 * {@code storage} (N, S, D) of the final norm, in fp32.
 *
 * <p>Memory holds one batch; the output appears whole, by rename. A picture that cannot be decoded
 * is left out and named. One thread uses it.
 */
public final class Embedder {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Model model;
  private final Settings settings;
  private final Backbone backbone;

  public Embedder(Model model, Settings settings) {
    this.model = model;
    this.settings = settings;
    this.backbone = Backbones.of(model.backbone());
  }

  /**
   * A backbone that is ready to run.
   *
   * @param weights a safetensors file with official names
   */
  public record Model(BackboneRecipe backbone, Preprocessing preprocessing, Path weights) {}

  /**
   * @param threads of one tensor operation
   * @param scratch an empty folder with room for the features
   * @param notes what the output's metadata says beside the keys
   * @param progress told the pictures done so far
   */
  public record Settings(
      int batchSize, int threads, Path scratch, Map<String, String> notes, LongConsumer progress) {
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
   */
  public record Outcome(long rows, List<LeftOut> leftOut) {
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
    TorchKernels.prepareThread(settings.threads());
    List<LeftOut> leftOut = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    try (TensorScope scope = TensorScope.under(TorchKernels.manager());
        Rows rows = new Rows(settings.scratch())) {
      StateDict weights = weights(scope);
      ImageDecoder decoder = new ImageDecoder();
      PixelBatch batch = new PixelBatch(settings.batchSize(), model.preprocessing());
      pictures.read(
          (name, bytes) -> {
            RgbImage image;
            try {
              image = decoder.decode(bytes);
            } catch (UnreadableImageException e) {
              leftOut.add(new LeftOut(name, String.valueOf(e.getMessage())));
              return;
            }
            batch.add(scope, image);
            keys.add(name);
            if (batch.isFull()) {
              embed(scope, weights, rows, batch.pixels(), batch.shape());
              batch.clear();
            }
          });
      if (batch.count() > 0) {
        embed(scope, weights, rows, batch.pixels(), batch.shape());
      }
      if (!keys.isEmpty()) {
        Map<String, String> notes = new TreeMap<>(settings.notes());
        notes.put("keys", json(keys));
        notes.put("image_size", Integer.toString(side));
        finish(rows, notes, output);
      }
    }
    return new Outcome(keys.size(), leftOut);
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
      TorchKernels.prepareThread(settings.threads());
      try (TensorScope scope = TensorScope.under(TorchKernels.manager());
          Rows rows = new Rows(settings.scratch())) {
        StateDict weights = weights(scope);
        for (long from = 0; from < raw.count(); from += settings.batchSize()) {
          int n = (int) Math.min(settings.batchSize(), raw.count() - from);
          embed(
              scope, weights, rows, raw.read(from, n), new Shape(n, 3, raw.height(), raw.width()));
        }
        finish(rows, settings.notes(), output);
      }
      return new Outcome(raw.count(), List.of());
    }
  }

  private void requirePatch(long height, long width) {
    if (height < backbone.stride() || width < backbone.stride()) {
      throw new IllegalArgumentException(
          "pictures of %dx%d are smaller than one patch of the model, %d"
              .formatted(width, height, backbone.stride()));
    }
  }

  private StateDict weights(TensorScope scope) {
    StateDict stored = Safetensors.read(model.weights(), scope.manager());
    return ParameterSpec.strictly(backbone.parameters(), stored, model.weights());
  }

  private void embed(
      TensorScope parent, StateDict weights, Rows rows, FloatBuffer pixels, Shape shape)
      throws IOException {
    try (TensorScope scope = parent.nested()) {
      NDArray pixels_B3HW = scope.create(pixels, shape);
      Features f = backbone.forward(scope, weights, pixels_B3HW, Pass.eval());
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
