package io.dinoflow.model.hub;

import java.util.List;

/**
 * What a picture goes through before a model sees it, as Hugging Face's processor of DINOv3 does
 * it: levels over 255, bilinear resize with antialias to a square without keeping the aspect, minus
 * the channel's mean, over its deviation.
 *
 * @param side of the square
 */
public record Preprocessing(int side, List<Double> mean, List<Double> std) {
  /** What every official model expects. */
  public static final Preprocessing IMAGENET =
      new Preprocessing(224, List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

  private static final int SIDE_MAX = 8192;

  public Preprocessing {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (side < 1 || side > SIDE_MAX) {
      throw new IllegalArgumentException(
          "the side is %d, must be from 1 to %d".formatted(side, SIDE_MAX));
    }
    if (mean.size() != 3 || std.size() != 3 || std.stream().anyMatch(s -> !(s > 0))) {
      throw new IllegalArgumentException(
          "mean %s and deviation %s must have three numbers each, deviations above 0"
              .formatted(mean, std));
    }
  }

  public Preprocessing withSide(int other) {
    return new Preprocessing(other, mean, std);
  }
}
