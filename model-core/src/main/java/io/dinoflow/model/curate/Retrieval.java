package io.dinoflow.model.curate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Pictures that look like those of a seed set: every seed's nearest, then every seed's second
 * nearest, and so on, so that no seed crowds out the others.
 */
public final class Retrieval {
  private Retrieval() {}

  /**
   * @param vectors unit vectors
   * @param seeds rows that are looked up and never returned
   * @param size rows wanted
   * @return at most {@code size} distinct rows, in the order they were found
   */
  public static int[] nearest(Vectors vectors, int[] seeds, int size) {
    Set<Integer> excluded = new LinkedHashSet<>();
    for (int seed : seeds) {
      excluded.add(seed);
    }
    int wanted = Math.max(0, Math.min(size, vectors.count() - excluded.size()));
    if (seeds.length == 0 || wanted == 0) {
      return new int[0];
    }
    List<int[]> ranked = new ArrayList<>();
    for (int seed : seeds) {
      ranked.add(ranked(vectors, seed, excluded, wanted));
    }
    Set<Integer> found = new LinkedHashSet<>();
    for (int rank = 0; rank < wanted && found.size() < wanted; rank++) {
      for (int[] order : ranked) {
        if (found.size() < wanted) {
          found.add(order[rank]);
        }
      }
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int[] ranked(Vectors vectors, int seed, Set<Integer> excluded, int size) {
    float[] similarity = new float[vectors.count()];
    for (int i = 0; i < similarity.length; i++) {
      similarity[i] = vectors.dot(seed, vectors, i);
    }
    return IntStream.range(0, similarity.length)
        .filter(i -> !excluded.contains(i))
        .boxed()
        .sorted(Comparator.<Integer>comparingDouble(i -> -similarity[i]))
        .limit(size)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
