package io.dinoflow.model.train;

import io.dinoflow.model.recipe.OptimizerRecipe;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which learning-rate and weight-decay multipliers a parameter gets.
 *
 * <p>Names are relative to their sub-module (backbone, dino_head, ibot_head), as in the official
 * code, so that the multiplier for a head's weight decay never applies. Layer-wise decay counts
 * patch embedding and tokens as layer 0, block i as i + 1 and the rest as the last layer; networks
 * without {@code blocks} have none.
 */
public final class ParameterGroups {

  /** Multipliers of one parameter. */
  public record Multipliers(double lr, double weightDecay, LastLayer lastLayer) {}

  /** Whether the parameter belongs to a head's last layer, whose rate is 0 while it is frozen. */
  public enum LastLayer {
    YES,
    NO
  }

  /** Parameters that are updated together. */
  public record Group(Multipliers multipliers, List<String> names) {}

  private final double decay;
  private final double patchEmbedMultiplier;

  public ParameterGroups(double layerwiseDecay, double patchEmbedMultiplier) {
    this.decay = layerwiseDecay;
    this.patchEmbedMultiplier = patchEmbedMultiplier;
  }

  public static ParameterGroups of(OptimizerRecipe optim) {
    return new ParameterGroups(optim.layerwiseDecay(), optim.patchEmbedLrMult());
  }

  /**
   * @param names parameters of one sub-module, in the module's order
   * @return groups in first-seen order
   */
  public List<Group> group(List<String> names) {
    int blocks = blocks(names);
    Map<Multipliers, List<String>> groups = new LinkedHashMap<>();
    for (String name : names) {
      groups.computeIfAbsent(multipliers(name, blocks), m -> new ArrayList<>()).add(name);
    }
    return groups(groups);
  }

  /**
   * Groups of text alignment: one learning rate for all; weight decay for embeddings and matrices,
   * none for parameters of one dimension, which are norms, biases, layer scales and the logit
   * scale.
   */
  static List<Group> byRank(StateDict weights) {
    Map<Multipliers, List<String>> groups = new LinkedHashMap<>();
    weights.forEach(
        (name, tensor) ->
            groups
                .computeIfAbsent(
                    new Multipliers(1, tensor.getShape().dimension() > 1 ? 1 : 0, LastLayer.NO),
                    m -> new ArrayList<>())
                .add(name));
    return groups(groups);
  }

  private static List<Group> groups(Map<Multipliers, List<String>> names) {
    return names.entrySet().stream()
        .map(e -> new Group(e.getKey(), List.copyOf(e.getValue())))
        .toList();
  }

  /**
   * @param blocks transformer blocks of the sub-module; 0 turns layer-wise decay off
   */
  public Multipliers multipliers(String name, int blocks) {
    double lr = blocks == 0 ? 1 : Math.pow(decay, blocks + 1 - layer(name, blocks));
    if (name.contains("patch_embed")) {
      lr *= patchEmbedMultiplier;
    }
    boolean undecayed =
        name.endsWith("bias")
            || name.contains("norm")
            || name.contains("gamma")
            || name.contains("fourier_w");
    return new Multipliers(
        lr, undecayed ? 0 : 1, name.contains("last_layer") ? LastLayer.YES : LastLayer.NO);
  }

  /** Transformer blocks that the names speak of. */
  public static int blocks(List<String> names) {
    int blocks = 0;
    for (String name : names) {
      if (name.startsWith("blocks.")) {
        blocks = Math.max(blocks, Integer.parseInt(name.split("\\.", 3)[1]) + 1);
      }
    }
    return blocks;
  }

  private static int layer(String name, int blocks) {
    if (name.startsWith("blocks.")) {
      return Integer.parseInt(name.split("\\.", 3)[1]) + 1;
    }
    boolean first =
        name.startsWith("patch_embed")
            || name.startsWith("cls_token")
            || name.startsWith("storage_tokens")
            || name.startsWith("mask_token");
    return first ? 0 : blocks + 1;
  }
}
