package io.dinoflow.model.train;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.text.Towers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A fixed set of pictures with captions, each caption once, on which every checkpoint of an
 * alignment is measured: how often the nearest caption of a picture is its own, and the nearest
 * picture of a caption its own.
 */
final class CaptionProbe {
  private static final int PICTURES = 64;

  private final ProbePictures pictures;

  private CaptionProbe(ProbePictures pictures) {
    this.pictures = pictures;
  }

  /** The first captioned pictures of the dataset in a seeded order. */
  static CaptionProbe of(Dataset dataset, long seed, EvalTransform transform) {
    List<Sample> order = new ArrayList<>();
    Set<String> captions = new HashSet<>();
    for (int i : SeededRandom.of(seed, Purpose.PROBE).permutation(dataset.samples().size())) {
      Sample sample = dataset.samples().get(i);
      if (!sample.caption().isBlank() && captions.add(sample.caption())) {
        order.add(sample);
      }
    }
    return new CaptionProbe(ProbePictures.of(dataset, order, transform, PICTURES));
  }

  Map<String, Double> measure(Towers towers, Towers.Weights weights) {
    List<String> captions = pictures.samples().stream().map(Sample::caption).toList();
    if (captions.isEmpty()) {
      return Map.of();
    }
    float[][] image_NE = towers.images(weights, pictures.pixels(), captions.size());
    float[][] text_NE = towers.texts(weights, captions);
    return Map.of(
        "probe.image_to_text_top1", nearestIsOwn(image_NE, text_NE),
        "probe.text_to_image_top1", nearestIsOwn(text_NE, image_NE));
  }

  /** Share of rows whose largest inner product is with the row of the same index. */
  private static double nearestIsOwn(float[][] query_NE, float[][] key_NE) {
    int hits = 0;
    for (int i = 0; i < query_NE.length; i++) {
      int nearest = 0;
      double best = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < key_NE.length; j++) {
        double similarity = dot(query_NE[i], key_NE[j]);
        if (similarity > best) {
          best = similarity;
          nearest = j;
        }
      }
      hits += nearest == i ? 1 : 0;
    }
    return (double) hits / query_NE.length;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
