package io.dinoflow.model.curate;

import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Hierarchical balanced sampling (2405.15613, section 3.3): the target is shared among the coarsest
 * clusters as evenly as their sizes allow, each share among its own clusters, and so on down to
 * points drawn at random.
 */
public final class BalancedSampler {

  private final Hierarchy hierarchy;
  private final List<List<List<Integer>>> members = new ArrayList<>();
  private final List<int[]> sizes = new ArrayList<>();
  private final SeededRandom random;

  public BalancedSampler(Hierarchy hierarchy, long seed) {
    this.hierarchy = hierarchy;
    this.random = SeededRandom.of(seed, Purpose.SAMPLE);
    for (int level = 0; level < hierarchy.levels().size(); level++) {
      List<List<Integer>> of = hierarchy.members(level);
      members.add(of);
      int[] below = level == 0 ? new int[0] : sizes.get(level - 1);
      int[] points = new int[of.size()];
      for (int c = 0; c < points.length; c++) {
        points[c] =
            level == 0 ? of.get(c).size() : of.get(c).stream().mapToInt(m -> below[m]).sum();
      }
      sizes.add(points);
    }
  }

  /**
   * @param target points wanted; more than there are gives all
   * @return exactly min(target, points) distinct points, ascending
   */
  public int[] sample(int target) {
    int top = hierarchy.levels().size() - 1;
    List<Integer> roots = new ArrayList<>();
    for (int c = 0; c < members.get(top).size(); c++) {
      roots.add(c);
    }
    List<Integer> taken = new ArrayList<>();
    descend(top, roots, target, taken);
    return taken.stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  private void descend(int level, List<Integer> clusters, int target, List<Integer> taken) {
    int[] available = clusters.stream().mapToInt(c -> sizes.get(level)[c]).toArray();
    int[] shares = shares(available, target, random);
    for (int i = 0; i < shares.length; i++) {
      List<Integer> inside = members.get(level).get(clusters.get(i));
      if (level > 0) {
        descend(level - 1, inside, shares[i], taken);
      } else {
        int[] order = random.permutation(inside.size());
        for (int k = 0; k < shares[i]; k++) {
          taken.add(inside.get(order[k]));
        }
      }
    }
  }

  /** The most even shares with share[i] at most available[i] that sum to the target. */
  static int[] shares(int[] available, int target, SeededRandom random) {
    int wanted = Math.min(target, Arrays.stream(available).sum());
    int low = 0;
    int high = Arrays.stream(available).max().orElse(0);
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (sum(available, middle) <= wanted) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    int cap = low;
    int[] shares = Arrays.stream(available).map(n -> Math.min(n, cap)).toArray();
    int left = wanted - Arrays.stream(shares).sum();
    for (int i : random.permutation(available.length)) {
      if (left > 0 && available[i] > shares[i]) {
        shares[i]++;
        left--;
      }
    }
    return shares;
  }

  private static long sum(int[] available, int cap) {
    long sum = 0;
    for (int n : available) {
      sum += Math.min(n, cap);
    }
    return sum;
  }
}
