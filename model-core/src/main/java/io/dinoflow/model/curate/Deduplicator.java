package io.dinoflow.model.curate;

import io.dinoflow.model.artifact.Sha256;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Drops exact and near duplicates and keeps the first of each.
 *
 * <p>A picture goes when its bytes, or a descriptor within the threshold, were kept before it. Work
 * grows with pictures times kept ones: meant for up to some hundred thousand at a time.
 */
public final class Deduplicator {

  /**
   * @param kept indexes in their order
   * @param exact pictures dropped for equal bytes
   * @param near pictures dropped for a close descriptor
   */
  public record Result(int[] kept, int exact, int near) {}

  /** Candidates of a block are compared while the block of kept vectors is in cache. */
  private static final int BLOCK = 64;

  private final double threshold;

  /**
   * @param threshold cosine from which two pictures count as one; above 1 compares bytes only
   */
  public Deduplicator(double threshold) {
    this.threshold = threshold;
  }

  /**
   * @param digests of the pictures' bytes
   * @param vectors unit vectors in the same order
   */
  public Result deduplicate(List<Sha256> digests, Vectors vectors) {
    Set<Sha256> seen = new HashSet<>();
    int[] unique = new int[vectors.count()];
    int uniqueCount = 0;
    for (int i = 0; i < vectors.count(); i++) {
      if (seen.add(digests.get(i))) {
        unique[uniqueCount++] = i;
      }
    }
    int[] kept = new int[uniqueCount];
    int keptCount = 0;
    for (int start = 0; start < uniqueCount; start += BLOCK) {
      int end = Math.min(uniqueCount, start + BLOCK);
      boolean[] close = closeToKept(vectors, unique, start, end, kept, keptCount);
      int before = keptCount;
      for (int u = start; u < end; u++) {
        if (!close[u - start] && !closeTo(vectors, unique[u], kept, before, keptCount)) {
          kept[keptCount++] = unique[u];
        }
      }
    }
    return new Result(
        java.util.Arrays.copyOf(kept, keptCount),
        vectors.count() - uniqueCount,
        uniqueCount - keptCount);
  }

  private boolean[] closeToKept(
      Vectors vectors, int[] unique, int start, int end, int[] kept, int keptCount) {
    boolean[] close = new boolean[end - start];
    for (int from = 0; from < keptCount; from += BLOCK) {
      int to = Math.min(keptCount, from + BLOCK);
      for (int u = start; u < end; u++) {
        close[u - start] = close[u - start] || closeTo(vectors, unique[u], kept, from, to);
      }
    }
    return close;
  }

  private boolean closeTo(Vectors vectors, int i, int[] kept, int from, int to) {
    if (threshold > 1) {
      return false;
    }
    for (int k = from; k < to; k++) {
      if (vectors.dot(i, vectors, kept[k]) >= threshold) {
        return true;
      }
    }
    return false;
  }
}
