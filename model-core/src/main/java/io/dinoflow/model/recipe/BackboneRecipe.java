package io.dinoflow.model.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** Architecture of a backbone, in the official {@code student.*} names. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "arch")
@JsonSubTypes({
  @JsonSubTypes.Type(value = BackboneRecipe.Vit.class, name = "vit"),
  @JsonSubTypes.Type(value = BackboneRecipe.ConvNext.class, name = "convnext")
})
public sealed interface BackboneRecipe {

  /** Width of the features. */
  int features();

  /** Pixels a patch token stands for, along one side. */
  int stride();

  /** The same without what only training looks at, such as how much is dropped. */
  BackboneRecipe network();

  /**
   * A vision transformer with axial RoPE.
   *
   * @param ffnLayer {@code mlp}, {@code swiglu}, {@code swiglu32}, {@code swiglu64} or {@code
   *     swiglu128}
   * @param normLayer {@code layernorm}, {@code layernormbf16} or {@code rmsnorm}
   * @param posEmbedRopeShiftCoords,posEmbedRopeJitterCoords,posEmbedRopeRescaleCoords training
   *     augmentations of the coordinates; 0 turns one off
   */
  record Vit(
      int patchSize,
      int embedDim,
      int depth,
      int numHeads,
      double ffnRatio,
      String ffnLayer,
      String normLayer,
      int nStorageTokens,
      double layerscale,
      double dropPathRate,
      boolean qkvBias,
      @JsonProperty("mask_k_bias") boolean maskKBias,
      boolean untieClsAndPatchNorms,
      boolean untieGlobalAndLocalClsNorm,
      double posEmbedRopeBase,
      double posEmbedRopeShiftCoords,
      double posEmbedRopeJitterCoords,
      double posEmbedRopeRescaleCoords)
      implements BackboneRecipe {
    public Vit {
      Check.atLeast("patch_size", patchSize, 1);
      Check.within("depth", depth, 1, 200);
      Check.within("num_heads", numHeads, 1, 256);
      Check.atLeast("embed_dim", embedDim, 1);
      Check.multiple("embed_dim", embedDim, numHeads);
      Check.multiple("embed_dim / num_heads", embedDim / numHeads, 4);
      Check.above("ffn_ratio", ffnRatio, 0);
      Check.within("drop_path_rate", dropPathRate, 0, 0.99);
      Check.within("n_storage_tokens", nStorageTokens, 0, 64);
      if (!List.of("mlp", "swiglu", "swiglu32", "swiglu64", "swiglu128").contains(ffnLayer)) {
        throw new IllegalArgumentException(
            "ffn_layer is \"%s\", must be mlp, swiglu, swiglu32, swiglu64 or swiglu128"
                .formatted(ffnLayer));
      }
      if (!List.of("layernorm", "layernormbf16", "rmsnorm").contains(normLayer)) {
        throw new IllegalArgumentException(
            "norm_layer is \"%s\", must be layernorm, layernormbf16 or rmsnorm"
                .formatted(normLayer));
      }
    }

    @Override
    public int features() {
      return embedDim;
    }

    @Override
    public int stride() {
      return patchSize;
    }

    /** Of {@code layerscale} only the presence counts: its value is what the weights begin with. */
    @Override
    public BackboneRecipe network() {
      return new Vit(
          patchSize,
          embedDim,
          depth,
          numHeads,
          ffnRatio,
          ffnLayer,
          normLayer,
          nStorageTokens,
          layerscale > 0 ? 1 : 0,
          0,
          qkvBias,
          maskKBias,
          untieClsAndPatchNorms,
          untieGlobalAndLocalClsNorm,
          posEmbedRopeBase,
          0,
          0,
          0);
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.vit(this);
    }
  }

  /**
   * A ConvNeXt.
   *
   * @param depths blocks of each of the four stages
   * @param dims width of each of the four stages
   */
  record ConvNext(List<Integer> depths, List<Integer> dims, double dropPathRate, double layerscale)
      implements BackboneRecipe {
    public ConvNext {
      depths = List.copyOf(depths);
      dims = List.copyOf(dims);
      if (depths.size() != 4 || dims.size() != 4) {
        throw new IllegalArgumentException(
            "depths and dims have %d and %d entries, must have 4 each"
                .formatted(depths.size(), dims.size()));
      }
      for (int i = 0; i < dims.size(); i++) {
        Check.atLeast("depths[" + i + "]", depths.get(i), 1);
        Check.atLeast("dims[" + i + "]", dims.get(i), 1);
      }
      Check.within("drop_path_rate", dropPathRate, 0, 0.99);
    }

    @Override
    public int features() {
      return dims.get(3);
    }

    @Override
    public int stride() {
      return 32;
    }

    @Override
    public BackboneRecipe network() {
      return new ConvNext(depths, dims, 0, layerscale > 0 ? 1 : 0);
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.convNext(this);
    }
  }

  <R> R match(Cases<R> cases);

  /** One answer for each family. */
  interface Cases<R> {
    R vit(Vit vit);

    R convNext(ConvNext convNext);
  }
}
