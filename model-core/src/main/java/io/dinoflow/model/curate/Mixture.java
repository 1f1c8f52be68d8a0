package io.dinoflow.model.curate;

import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Joins the branches of curation into one set in seeded order. A picture that several branches took
 * is kept once, under the first.
 */
public final class Mixture {

  /** What a branch took. */
  public record Branch(String name, int[] rows) {}

  /** A picture of the mixture and the branch that took it. */
  public record Picked(int row, String branch) {}

  private Mixture() {}

  public static List<Picked> mix(List<Branch> branches, long seed) {
    Map<Integer, Picked> first = new LinkedHashMap<>();
    for (Branch branch : branches) {
      for (int row : branch.rows()) {
        first.putIfAbsent(row, new Picked(row, branch.name()));
      }
    }
    List<Picked> picked = new ArrayList<>(first.values());
    List<Picked> mixed = new ArrayList<>(picked.size());
    for (int i : SeededRandom.of(seed, Purpose.ORDER).permutation(picked.size())) {
      mixed.add(picked.get(i));
    }
    return mixed;
  }
}
