package io.dinoflow.model.eval;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The pictures that are measured on: base pictures only, in manifest order; of a large source a
 * seeded draw.
 *
 * @param labelled empty where fewer than two classes or two groups have a label
 */
record Population(List<Sample> samples, Optional<Labelled> labelled) {

  /**
   * The pictures with a label, one item each.
   *
   * @param rows of the population
   * @param labels indexes of {@code classes}
   * @param groups never divided by a split
   */
  record Labelled(
      int[] rows, long[] labels, List<String> classes, List<String> groups, Folds folds) {

    /** Labels of the items. */
    long[] labels(int[] items) {
      return Arrays.stream(items).mapToLong(i -> labels[i]).toArray();
    }

    /** Writes into {@code right} which of the items were given their own class. */
    void mark(boolean[] right, int[] items, long[] predicted) {
      for (int i = 0; i < items.length; i++) {
        right[items[i]] = predicted[i] == labels[items[i]];
      }
    }

    /** Rows of the population of the items. */
    long[] rows(int[] items) {
      return Arrays.stream(items).mapToLong(i -> rows[i]).toArray();
    }

    /** Groups of the items. */
    List<String> groups(int[] items) {
      return Arrays.stream(items).mapToObj(groups::get).toList();
    }
  }

  static Population of(List<Sample> source, StageRecipe.Evaluate recipe, long seed) {
    List<Sample> base = source.stream().filter(s -> !s.variant()).toList();
    int[] order = SeededRandom.of(seed, Purpose.SAMPLE, 0).permutation(base.size());
    List<Sample> samples =
        Arrays.stream(order).limit(recipe.samplesMax()).sorted().mapToObj(base::get).toList();
    return new Population(samples, labelled(samples, recipe, seed));
  }

  private static Optional<Labelled> labelled(
      List<Sample> samples, StageRecipe.Evaluate recipe, long seed) {
    int[] rows =
        IntStream.range(0, samples.size()).filter(i -> !samples.get(i).label().isEmpty()).toArray();
    List<String> classes =
        Arrays.stream(rows).mapToObj(i -> samples.get(i).label()).distinct().sorted().toList();
    List<String> groups = Arrays.stream(rows).mapToObj(i -> group(samples.get(i))).toList();
    if (classes.size() < 2 || groups.stream().distinct().count() < 2) {
      return Optional.empty();
    }
    long[] labels =
        Arrays.stream(rows)
            .mapToLong(i -> Collections.binarySearch(classes, samples.get(i).label()))
            .toArray();
    Folds folds =
        Folds.deal(groups, labels, recipe.folds(), SeededRandom.of(seed, Purpose.SPLIT, 0));
    return Optional.of(new Labelled(rows, labels, classes, groups, folds));
  }

  /** A picture of unknown group is one of its own. */
  private static String group(Sample sample) {
    return sample.group().isEmpty() ? "key:" + sample.key() : "group:" + sample.group();
  }

  /** What the labelled items are, in their order. */
  List<Sha256> labelledContent() {
    return labelled.stream()
        .flatMapToInt(l -> Arrays.stream(l.rows()))
        .mapToObj(row -> samples.get(row).sha256())
        .toList();
  }

  /** Digest of the pictures in their order. */
  Sha256 digest() {
    StringBuilder all = new StringBuilder();
    samples.forEach(s -> all.append(s.sha256()).append('\n'));
    return Sha256.ofText(all.toString());
  }
}
