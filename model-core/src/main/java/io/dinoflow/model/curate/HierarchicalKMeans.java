package io.dinoflow.model.curate;

import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Successive k-means over the centroids of the level below, with resampling (2405.15613, section
 * 3.3).
 *
 * <p>Plain k-means spends its centroids where points are dense. Resampling takes the same few
 * points nearest to each centroid and clusters those, which drives centroids towards the uniform
 * distribution over the support, so that rare things get clusters of their own.
 */
public final class HierarchicalKMeans {

  private final List<Integer> clusters;
  private final KMeans kmeans;
  private final int resamplings;
  private final int pointsPerCluster;

  /**
   * @param clusters of each level, finest first
   * @param resamplings rounds of resampling at every level
   * @param pointsPerCluster points of each cluster that a round keeps
   */
  public HierarchicalKMeans(
      List<Integer> clusters, int iterationsMax, int resamplings, int pointsPerCluster) {
    this.clusters = List.copyOf(clusters);
    this.kmeans = new KMeans(iterationsMax);
    this.resamplings = resamplings;
    this.pointsPerCluster = pointsPerCluster;
  }

  public Hierarchy cluster(Vectors points, long seed) {
    List<KMeans.Clusters> levels = new ArrayList<>();
    Vectors below = points;
    for (int level = 0; level < clusters.size(); level++) {
      KMeans.Clusters made = level(below, level, seed);
      levels.add(made);
      below = made.centroids();
    }
    return new Hierarchy(levels);
  }

  private KMeans.Clusters level(Vectors points, int level, long seed) {
    int k = clusters.get(level);
    KMeans.Clusters made = kmeans.cluster(points, k, random(seed, level, 0));
    for (int round = 1; round <= resamplings; round++) {
      Vectors sampled = points.rows(nearest(points, made));
      Vectors centroids = kmeans.cluster(sampled, k, random(seed, level, round)).centroids();
      made = KMeans.assign(points, centroids);
    }
    return made;
  }

  /** The points nearest to each centroid, cluster by cluster. */
  private int[] nearest(Vectors points, KMeans.Clusters made) {
    List<Integer> kept = new ArrayList<>();
    for (List<Integer> members : new Hierarchy(List.of(made)).members(0)) {
      members.stream()
          .sorted(
              Comparator.comparingDouble(
                  i -> KMeans.distance(points, i, made.centroids(), made.assignment()[i])))
          .limit(pointsPerCluster)
          .forEach(kept::add);
    }
    return kept.stream().mapToInt(Integer::intValue).toArray();
  }

  private static SeededRandom random(long seed, int level, int round) {
    return SeededRandom.of(seed, Purpose.KMEANS, level, round);
  }
}
