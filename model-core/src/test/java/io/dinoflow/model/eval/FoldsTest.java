package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FoldsTest {
  private static final int ITEMS = 600;
  private static final int WANTED = 5;

  /** Groups of 1 to 9 items, four classes. */
  private final List<String> groups = new ArrayList<>();

  private final long[] classes = new long[ITEMS];

  FoldsTest() {
    SeededRandom random = SeededRandom.of(7, Purpose.SAMPLE);
    int group = 0;
    while (groups.size() < ITEMS) {
      int size = Math.min(1 + random.nextInt(9), ITEMS - groups.size());
      long ofGroup = random.nextInt(4);
      for (int i = 0; i < size; i++) {
        classes[groups.size()] = ofGroup;
        groups.add("group " + group);
      }
      group++;
    }
  }

  private Folds dealt(long seed) {
    return Folds.deal(groups, classes, WANTED, SeededRandom.of(seed, Purpose.SPLIT));
  }

  @Test
  void noGroupIsDividedAndEveryItemIsScoredOnce() {
    Folds folds = dealt(1);
    Map<String, Integer> foldOf = new HashMap<>();
    int scored = 0;
    for (int fold = 0; fold < folds.count(); fold++) {
      for (int item : folds.in(fold)) {
        Integer other = foldOf.putIfAbsent(groups.get(item), fold);
        assertThat(other).as(groups.get(item)).isIn(null, fold);
        scored++;
      }
      assertThat(folds.outside(fold)).doesNotContain(folds.in(fold));
      assertThat(folds.in(fold).length + folds.outside(fold).length).isEqualTo(ITEMS);
    }
    assertThat(scored).isEqualTo(ITEMS);
  }

  @Test
  void everyFoldHasItsShareOfEveryClass() {
    Folds folds = dealt(1);
    for (long c = 0; c < 4; c++) {
      long ofClass = c;
      double share = Arrays.stream(classes).filter(x -> x == ofClass).count() / (double) WANTED;
      for (int fold = 0; fold < WANTED; fold++) {
        long here = Arrays.stream(folds.in(fold)).filter(i -> classes[i] == ofClass).count();
        assertThat((double) here).isBetween(share - 9, share + 9);
      }
    }
  }

  @Test
  void aSeedDealsAlwaysTheSameAndAnotherDealsDifferently() {
    assertThat(dealt(1).in(0)).isEqualTo(dealt(1).in(0));
    assertThat(dealt(1).in(0)).isNotEqualTo(dealt(2).in(0));
  }

  @Test
  void fewerGroupsThanFoldsMakeAsManyFoldsAsGroups() {
    long[] one = new long[6];
    List<String> three = IntStream.range(0, 6).mapToObj(i -> "group " + i / 2).toList();
    Folds folds = Folds.deal(three, one, WANTED, SeededRandom.of(1, Purpose.SPLIT));
    assertThat(folds.count()).isEqualTo(3);
    for (int fold = 0; fold < 3; fold++) {
      assertThat(folds.in(fold)).hasSize(2);
    }
  }
}
