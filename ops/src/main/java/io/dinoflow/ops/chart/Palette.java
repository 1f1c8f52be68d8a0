package io.dinoflow.ops.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which of eight colours a series has, the same wherever it is drawn. The colours themselves (after
 * Okabe and Ito, told apart by people with any kind of colour vision) are the style sheet's: {@code
 * .s0} to {@code .s7}, one set for light pages and one for dark ones.
 */
public final class Palette {
  static final int COLOURS = 8;

  private static final Map<String, Integer> KNOWN =
      Map.ofEntries(
          Map.entry("total_loss", 0),
          Map.entry("dino_global_crops_loss", 1),
          Map.entry("dino_local_crops_loss", 2),
          Map.entry("ibot_loss", 3),
          Map.entry("koleo_loss", 4),
          Map.entry("gram_loss", 5),
          Map.entry("contrastive_loss", 6),
          Map.entry("lr", 6),
          Map.entry("images_per_second", 7),
          Map.entry("data_wait_share", 4),
          Map.entry("probe.cls_similarity", 1),
          Map.entry("probe.patch_similarity", 3));

  private Palette() {}

  /**
   * A colour for each name, in order; unknown names get one by their spelling. Within a chart no
   * two have the same while there are colours left.
   */
  static List<Integer> of(List<String> names) {
    List<Integer> taken = new ArrayList<>();
    for (String name : names) {
      int colour = KNOWN.getOrDefault(name, Math.floorMod(name.hashCode(), COLOURS));
      for (int tries = 0; tries < COLOURS && taken.contains(colour); tries++) {
        colour = (colour + 1) % COLOURS;
      }
      taken.add(colour);
    }
    return List.copyOf(taken);
  }
}
