package io.dinoflow.model.hub;

import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.weights.ElementType;
import io.dinoflow.model.weights.HuggingFaceLayout;
import io.dinoflow.model.weights.StoredTensor;
import io.dinoflow.model.weights.TensorDraft;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Moves weights between the official layout and that of Hugging Face's files by moving bytes.
 *
 * <p>The backbone's parameters say which tensors there must be, with which shapes. Missing tensors,
 * other shapes and tensors that belong to nothing are all named, never passed over: a model of
 * which a part was not loaded looks like one that was trained badly.
 */
final class HubLayout {
  private static final List<String> PROJECTIONS = List.of("q_proj", "k_proj", "v_proj");
  private static final String QKV = ".attn.qkv.";
  private static final String LOCAL_NORM = "local_cls_norm.";
  private static final String MASK_TOKEN = "mask_token";
  private static final int NAMED_MAX = 12;

  /** There even a model without any has this tensor, of no elements. */
  private static final String NO_REGISTERS = "embeddings.register_tokens";

  private final BackboneRecipe backbone;
  private final List<ParameterSpec> parameters;
  private final List<String> problems = new ArrayList<>();

  HubLayout(BackboneRecipe backbone) {
    this.backbone = backbone;
    this.parameters = Backbones.of(backbone).parameters();
  }

  /** The official tensors, each in the type it lies there. */
  List<TensorDraft> toOfficial(Map<String, StoredTensor> there, String source) {
    Map<String, StoredTensor> left = new HashMap<>(there);
    List<TensorDraft> official = new ArrayList<>();
    for (ParameterSpec spec : parameters) {
      if (spec.name().contains(QKV)) {
        joined(spec, left).ifPresent(official::add);
      } else {
        List<Long> shape = shapeThere(spec);
        StoredTensor stored = take(left, name(spec.name()), shape);
        if (stored != null) {
          official.add(piece(spec, List.of(whole(stored)), stored.type()));
        }
      }
    }
    left.entrySet().removeIf(e -> e.getKey().equals(NO_REGISTERS) && e.getValue().bytes() == 0);
    refuse(source, left.keySet());
    return official;
  }

  /** A file of official names as it is; buffers are left out, as they follow from the recipe. */
  List<TensorDraft> official(Map<String, StoredTensor> stored, String source) {
    Map<String, StoredTensor> left = new HashMap<>(stored);
    List<TensorDraft> official = new ArrayList<>();
    for (ParameterSpec spec : parameters) {
      StoredTensor tensor = take(left, spec.name(), spec.shape());
      if (tensor != null) {
        official.add(TensorDraft.renamed(tensor, spec.name()));
      }
    }
    left.keySet().removeIf(HubLayout::isBuffer);
    refuse(source, left.keySet());
    return official;
  }

  /** Periods, bias masks, and the second name of ConvNeXt's last norm. */
  private static boolean isBuffer(String name) {
    return name.equals("rope_embed.periods")
        || name.endsWith(".qkv.bias_mask")
        || name.startsWith("norms.3.");
  }

  /** Official tensors under the other names; the norm of local crops serves training only. */
  List<TensorDraft> fromOfficial(Map<String, StoredTensor> official, String source) {
    Map<String, StoredTensor> left = new HashMap<>(official);
    List<TensorDraft> there = new ArrayList<>();
    for (ParameterSpec spec : parameters) {
      StoredTensor stored = take(left, spec.name(), spec.shape());
      if (stored == null || spec.name().startsWith(LOCAL_NORM)) {
        continue;
      }
      if (spec.name().contains(QKV)) {
        there.addAll(split(spec, stored));
      } else {
        there.add(
            new TensorDraft(
                name(spec.name()), stored.type(), shapeThere(spec), List.of(whole(stored))));
      }
    }
    if (backbone instanceof BackboneRecipe.Vit vit && vit.nStorageTokens() == 0) {
      List<Long> none = List.of(1L, 0L, (long) vit.embedDim());
      there.add(new TensorDraft(NO_REGISTERS, ElementType.F32, none, List.of()));
    }
    left.keySet().removeIf(HubLayout::isBuffer);
    refuse(source, left.keySet());
    return there;
  }

  private String name(String official) {
    return HuggingFaceLayout.nameThere(official, backbone instanceof BackboneRecipe.ConvNext);
  }

  /** The mask token has one axis more there. */
  private static List<Long> shapeThere(ParameterSpec spec) {
    return spec.name().equals(MASK_TOKEN)
        ? List.of(1L, spec.shape().get(0), spec.shape().get(1))
        : spec.shape();
  }

  private Optional<TensorDraft> joined(ParameterSpec spec, Map<String, StoredTensor> left) {
    List<Long> shape = thirdOf(spec);
    List<TensorDraft.Piece> pieces = new ArrayList<>();
    ElementType type = ElementType.F32;
    boolean complete = true;
    for (String projection : PROJECTIONS) {
      if (isMasked(spec, projection)) {
        pieces.add(new TensorDraft.Zeros(bytes(shape, type)));
        continue;
      }
      StoredTensor stored = take(left, projected(spec, projection), shape);
      if (stored == null) {
        complete = false;
      } else {
        type = stored.type();
        pieces.add(whole(stored));
      }
    }
    return complete ? Optional.of(piece(spec, pieces, type)) : Optional.empty();
  }

  private List<TensorDraft> split(ParameterSpec spec, StoredTensor stored) {
    List<Long> shape = thirdOf(spec);
    long third = stored.bytes() / PROJECTIONS.size();
    List<TensorDraft> parts = new ArrayList<>();
    for (int i = 0; i < PROJECTIONS.size(); i++) {
      String projection = PROJECTIONS.get(i);
      if (!isMasked(spec, projection)) {
        parts.add(
            new TensorDraft(
                projected(spec, projection),
                stored.type(),
                shape,
                List.of(
                    new TensorDraft.Stretch(stored.file(), stored.position() + i * third, third))));
      }
    }
    return parts;
  }

  private static List<Long> thirdOf(ParameterSpec spec) {
    List<Long> shape = new ArrayList<>(spec.shape());
    shape.set(0, shape.get(0) / PROJECTIONS.size());
    return shape;
  }

  /** The keys' bias has no effect where it is masked, and no file holds it. */
  private boolean isMasked(ParameterSpec spec, String projection) {
    return projection.equals("k_proj")
        && spec.name().endsWith("bias")
        && backbone instanceof BackboneRecipe.Vit vit
        && vit.maskKBias();
  }

  private static String projected(ParameterSpec spec, String projection) {
    String block = spec.name().substring("blocks.".length(), spec.name().indexOf(QKV));
    String kind = spec.name().substring(spec.name().indexOf(QKV) + QKV.length());
    return "layer.%s.attention.%s.%s".formatted(block, projection, kind);
  }

  private static TensorDraft piece(
      ParameterSpec spec, List<TensorDraft.Piece> pieces, ElementType type) {
    return new TensorDraft(spec.name(), type, spec.shape(), pieces);
  }

  private static TensorDraft.Piece whole(StoredTensor stored) {
    return new TensorDraft.Stretch(stored.file(), stored.position(), stored.bytes());
  }

  private static long bytes(List<Long> shape, ElementType type) {
    return shape.stream().reduce((long) type.bytes(), Math::multiplyExact);
  }

  private @Nullable StoredTensor take(
      Map<String, StoredTensor> left, String name, List<Long> shape) {
    StoredTensor stored = left.remove(name);
    if (stored == null) {
      problems.add("\"%s\" is missing".formatted(name));
      return null;
    }
    if (!stored.shape().equals(shape)) {
      problems.add("\"%s\" has shape %s, must have %s".formatted(name, stored.shape(), shape));
      return null;
    }
    if (!List.of(ElementType.F32, ElementType.BF16, ElementType.F16).contains(stored.type())) {
      problems.add("\"%s\" is %s, must be F32, BF16 or F16".formatted(name, stored.type()));
      return null;
    }
    return stored;
  }

  private void refuse(String source, Set<String> left) {
    new TreeSet<>(left).forEach(name -> problems.add("\"%s\" belongs to nothing".formatted(name)));
    if (!problems.isEmpty()) {
      List<String> named = problems.stream().limit(NAMED_MAX).toList();
      String more =
          problems.size() > NAMED_MAX ? " and %d more".formatted(problems.size() - NAMED_MAX) : "";
      throw new UnsupportedModelException(
          "the tensors of %s are not those of its architecture: %s%s"
              .formatted(source, String.join("; ", named), more));
    }
  }
}
