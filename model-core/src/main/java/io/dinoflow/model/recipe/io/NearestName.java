package io.dinoflow.model.recipe.io;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The valid name that a wrong one was perhaps meant to be. */
public final class NearestName {
  private NearestName() {}

  /** The name with the fewest edits, where those are at most a third of the word plus one. */
  public static Optional<String> of(String wrong, Collection<String> valid) {
    return valid.stream()
        .min(Comparator.comparingInt((String v) -> edits(wrong, v)).thenComparing(v -> v))
        .filter(v -> edits(wrong, v) <= wrong.length() / 3 + 1);
  }

  private static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
