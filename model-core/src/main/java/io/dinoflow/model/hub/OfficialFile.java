package io.dinoflow.model.hub;

import io.dinoflow.model.recipe.BackboneFamily;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.io.NearestName;
import io.dinoflow.model.weights.StoredTensor;
import io.dinoflow.model.weights.TensorFile;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a safetensors file with the official names, which says nothing of its architecture. */
public final class OfficialFile {
  private static final String PREFIX = "backbone.";
  private static final String LOCAL_NORM = "local_cls_norm.weight";

  private OfficialFile() {}

  /**
   * @param arch name of the family's member, such as {@code vitb16}
   * @throws UnsupportedModelException no such member, or the file holds another network
   */
  public static ForeignModel read(Path file, String arch) {
    List<String> names = BackboneFamily.names();
    BackboneRecipe named =
        BackboneFamily.find(arch)
            .orElseThrow(
                () ->
                    new UnsupportedModelException(
                        "the architecture \"%s\" is none of %s%s"
                            .formatted(
                                arch,
                                names,
                                NearestName.of(arch, names)
                                    .map(near -> "; did you mean \"" + near + "\"?")
                                    .orElse(""))));
    Map<String, StoredTensor> tensors = new HashMap<>();
    for (StoredTensor tensor : TensorFile.read(file).tensors()) {
      String name = tensor.name();
      tensors.put(name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name, tensor);
    }
    BackboneRecipe backbone = withLocalNorm(named, tensors.containsKey(LOCAL_NORM));
    return new ForeignModel(
        backbone,
        Preprocessing.IMAGENET,
        new HubLayout(backbone).official(tensors, file.toString()),
        List.of(file));
  }

  /** Some released files carry the norm of local crops, which only training uses. */
  private static BackboneRecipe withLocalNorm(BackboneRecipe named, boolean carried) {
    if (!(named instanceof BackboneRecipe.Vit vit)) {
      return named;
    }
    return new BackboneRecipe.Vit(
        vit.patchSize(),
        vit.embedDim(),
        vit.depth(),
        vit.numHeads(),
        vit.ffnRatio(),
        vit.ffnLayer(),
        vit.normLayer(),
        vit.nStorageTokens(),
        vit.layerscale(),
        vit.dropPathRate(),
        vit.qkvBias(),
        vit.maskKBias(),
        vit.untieClsAndPatchNorms(),
        carried,
        vit.posEmbedRopeBase(),
        vit.posEmbedRopeShiftCoords(),
        vit.posEmbedRopeJitterCoords(),
        vit.posEmbedRopeRescaleCoords());
  }
}
