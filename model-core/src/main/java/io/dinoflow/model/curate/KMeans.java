package io.dinoflow.model.curate;

import io.dinoflow.model.tensor.SeededRandom;

/**
 * Lloyd's k-means from a k-means++ start (Arthur and Vassilvitskii 2007), deterministic in its
 * random source. An emptied cluster takes the point that lies farthest from its own centroid. Stops
 * when no point changes its cluster.
 */
public final class KMeans {

  /**
   * @param centroids k vectors
   * @param assignment each point's nearest centroid
   * @param inertia sum of squared distances to it
   */
  public record Clusters(Vectors centroids, int[] assignment, double inertia) {

    /** Points of each cluster. */
    public int[] sizes() {
      int[] sizes = new int[centroids.count()];
      for (int cluster : assignment) {
        sizes[cluster]++;
      }
      return sizes;
    }
  }

  private final int iterationsMax;

  public KMeans(int iterationsMax) {
    this.iterationsMax = iterationsMax;
  }

  /**
   * @param k clusters wanted; no more than there are points are made
   */
  public Clusters cluster(Vectors points, int k, SeededRandom random) {
    if (points.count() < 1) {
      throw new IllegalArgumentException("no points to cluster, at least 1 is needed");
    }
    Vectors centroids = start(points, Math.min(k, points.count()), random);
    Clusters clusters = assign(points, centroids);
    for (int i = 0; i < iterationsMax; i++) {
      Clusters next = assign(points, means(points, clusters));
      boolean settled = java.util.Arrays.equals(next.assignment(), clusters.assignment());
      clusters = next;
      if (settled) {
        break;
      }
    }
    return clusters;
  }

  /** The nearest centroid of every point. */
  public static Clusters assign(Vectors points, Vectors centroids) {
    int[] assignment = new int[points.count()];
    double inertia = 0;
    float[] halfSquares = new float[centroids.count()];
    for (int c = 0; c < centroids.count(); c++) {
      halfSquares[c] = centroids.dot(c, centroids, c) / 2;
    }
    for (int i = 0; i < points.count(); i++) {
      float best = Float.NEGATIVE_INFINITY;
      for (int c = 0; c < centroids.count(); c++) {
        float score = points.dot(i, centroids, c) - halfSquares[c];
        if (score > best) {
          best = score;
          assignment[i] = c;
        }
      }
      inertia += distance(points, i, centroids, assignment[i]);
    }
    return new Clusters(centroids, assignment, inertia);
  }

  private static Vectors start(Vectors points, int k, SeededRandom random) {
    int[] chosen = new int[k];
    chosen[0] = random.nextInt(points.count());
    double[] nearest = new double[points.count()];
    java.util.Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    for (int c = 1; c < k; c++) {
      double total = 0;
      for (int i = 0; i < points.count(); i++) {
        nearest[i] = Math.min(nearest[i], distance(points, i, points, chosen[c - 1]));
        total += nearest[i];
      }
      double left = random.nextDouble() * total;
      int pick = 0;
      while (pick < points.count() - 1 && (left -= nearest[pick]) >= 0) {
        pick++;
      }
      chosen[c] = pick;
    }
    return points.rows(chosen);
  }

  private static Vectors means(Vectors points, Clusters clusters) {
    int k = clusters.centroids().count();
    int dim = points.dim();
    double[] sums = new double[k * dim];
    int[] sizes = clusters.sizes();
    for (int i = 0; i < points.count(); i++) {
      int at = clusters.assignment()[i] * dim;
      for (int d = 0; d < dim; d++) {
        sums[at + d] += points.values()[i * dim + d];
      }
    }
    float[] means = new float[k * dim];
    boolean[] taken = new boolean[points.count()];
    for (int c = 0; c < k; c++) {
      if (sizes[c] == 0) {
        int lonely = farthest(points, clusters, taken);
        taken[lonely] = true;
        System.arraycopy(points.values(), lonely * dim, means, c * dim, dim);
      } else {
        for (int d = 0; d < dim; d++) {
          means[c * dim + d] = (float) (sums[c * dim + d] / sizes[c]);
        }
      }
    }
    return new Vectors(k, dim, means);
  }

  private static int farthest(Vectors points, Clusters clusters, boolean[] taken) {
    int farthest = 0;
    double most = -1;
    for (int i = 0; i < points.count(); i++) {
      double d = distance(points, i, clusters.centroids(), clusters.assignment()[i]);
      if (!taken[i] && d > most) {
        most = d;
        farthest = i;
      }
    }
    return farthest;
  }

  /** Squared Euclidean distance. */
  static double distance(Vectors a, int i, Vectors b, int j) {
    double sum = 0;
    for (int d = 0; d < a.dim(); d++) {
      double x = a.values()[i * a.dim() + d] - b.values()[j * b.dim() + d];
      sum += x * x;
    }
    return sum;
  }
}
