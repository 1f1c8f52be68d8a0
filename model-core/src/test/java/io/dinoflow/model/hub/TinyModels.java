package io.dinoflow.model.hub;

import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.weights.ElementType;
import io.dinoflow.model.weights.StoredTensor;
import io.dinoflow.model.weights.TensorDraft;
import io.dinoflow.model.weights.TensorFile;
import io.dinoflow.model.weights.TensorWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Small backbones of every form that has a place in a Hugging Face directory. */
final class TinyModels {
  private TinyModels() {}

  static List<BackboneRecipe> all() {
    return List.of(
        vit("mlp", 4, "layernormbf16", true, true, false),
        vit("swiglu", 6, "layernorm", true, true, true),
        vit("swiglu64", 3, "layernormbf16", false, true, false),
        vit("mlp", 2.5, "layernorm", true, false, false),
        withoutStorage(),
        new BackboneRecipe.ConvNext(List.of(1, 2, 1, 1), List.of(4, 8, 12, 16), 0.1, 1e-6));
  }

  static BackboneRecipe.Vit vit(
      String ffn, double ratio, String norm, boolean bias, boolean masked, boolean localNorm) {
    return new BackboneRecipe.Vit(
        4, 24, 2, 3, ratio, ffn, norm, 2, 1e-5, 0.1, bias, masked, false, localNorm, 50, 0, 0, 2);
  }

  static BackboneRecipe.Vit withoutStorage() {
    return new BackboneRecipe.Vit(
        4, 24, 1, 3, 4, "mlp", "layernormbf16", 0, 1e-5, 0, true, true, false, false, 100, 0, 0, 0);
  }

  /** Official weights of random values, masked biases zero as training leaves them. */
  static Path official(BackboneRecipe backbone, Path file) throws IOException {
    List<TensorDraft> drafts = new ArrayList<>();
    Path raw = file.resolveSibling(file.getFileName() + ".raw");
    ByteBuffer values = ByteBuffer.allocate(8 << 20).order(ByteOrder.LITTLE_ENDIAN);
    for (ParameterSpec spec : Backbones.of(backbone).parameters()) {
      SeededRandom random = SeededRandom.of(7, Purpose.INIT, SeededRandom.coordinate(spec.name()));
      int from = values.position();
      boolean masked =
          backbone instanceof BackboneRecipe.Vit vit
              && vit.maskKBias()
              && spec.name().endsWith("qkv.bias");
      for (int i = 0; i < spec.size(); i++) {
        boolean key = masked && i >= spec.size() / 3 && i < spec.size() / 3 * 2;
        values.putFloat(key ? 0 : (float) random.nextGaussian());
      }
      drafts.add(
          new TensorDraft(
              spec.name(),
              ElementType.F32,
              spec.shape(),
              List.of(new TensorDraft.Stretch(raw, from, values.position() - from))));
    }
    Files.write(raw, java.util.Arrays.copyOf(values.array(), values.position()));
    TensorWriter.write(file, "teacher.safetensors", drafts, TensorWriter.PLAIN);
    return file;
  }

  /** Every tensor's type, shape and bytes, in words. */
  static TreeMap<String, String> contents(Path file) throws IOException {
    byte[] all = Files.readAllBytes(file);
    TreeMap<String, String> contents = new TreeMap<>();
    for (StoredTensor t : TensorFile.read(file).tensors()) {
      byte[] own = new byte[Math.toIntExact(t.bytes())];
      System.arraycopy(all, Math.toIntExact(t.position()), own, 0, own.length);
      contents.put(
          t.name(),
          "%s %s %s".formatted(t.type(), t.shape(), io.dinoflow.model.artifact.Sha256.of(own)));
    }
    return contents;
  }
}
