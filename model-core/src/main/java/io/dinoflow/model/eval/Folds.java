package io.dinoflow.model.eval;

import io.dinoflow.model.tensor.SeededRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which fold each item is scored in. Items of one group are in one fold, so a picture is never
 * scored by its own variant; classes are spread evenly, as far as groups allow.
 */
final class Folds {
  private final int[] foldOf;
  private final int count;

  private Folds(int[] foldOf, int count) {
    this.foldOf = foldOf;
    this.count = count;
  }

  /**
   * Deals groups out: each goes to the fold that has the fewest of its first member's class, then
   * the fewest items.
   *
   * @param groups one an item
   * @param classes one an item
   * @param wanted folds; where there are fewer groups, as many as groups
   */
  static Folds deal(List<String> groups, long[] classes, int wanted, SeededRandom random) {
    Map<String, List<Integer>> members = new LinkedHashMap<>();
    for (int i = 0; i < classes.length; i++) {
      members.computeIfAbsent(groups.get(i), g -> new ArrayList<>()).add(i);
    }
    List<List<Integer>> drawn = new ArrayList<>();
    List<List<Integer>> inOrder = new ArrayList<>(members.values());
    for (int i : random.permutation(inOrder.size())) {
      drawn.add(inOrder.get(i));
    }
    // Large groups first: small ones can still even out what they leave.
    drawn.sort(
        Comparator.<List<Integer>>comparingInt(g -> -g.size())
            .thenComparingLong(g -> classes[g.get(0)]));
    int count = Math.min(wanted, drawn.size());
    int[] foldOf = new int[classes.length];
    int[] items = new int[count];
    Map<Long, int[]> ofClass = new HashMap<>();
    for (List<Integer> group : drawn) {
      int[] same = ofClass.computeIfAbsent(classes[group.get(0)], c -> new int[count]);
      int fold =
          IntStream.range(0, count)
              .boxed()
              .min(Comparator.<Integer>comparingInt(f -> same[f]).thenComparingInt(f -> items[f]))
              .orElseThrow();
      for (int member : group) {
        foldOf[member] = fold;
      }
      same[fold] += group.size();
      items[fold] += group.size();
    }
    return new Folds(foldOf, count);
  }

  int count() {
    return count;
  }

  /** Items scored in the fold, ascending. */
  int[] in(int fold) {
    return IntStream.range(0, foldOf.length).filter(i -> foldOf[i] == fold).toArray();
  }

  /** All other items, ascending. */
  int[] outside(int fold) {
    return IntStream.range(0, foldOf.length).filter(i -> foldOf[i] != fold).toArray();
  }
}
