package io.dinoflow.model.gate;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a gate says.
 *
 * @param text each condition with what it was decided on
 * @param numbers the same as numbers: {@code knn10.top1}, {@code knn10.top1.champion}, {@code
 *     knn10.top1.difference}, {@code .band_low}, {@code .band_high}, {@code .pictures}
 */
public record Verdict(boolean passed, String text, Map<String, Double> numbers) {
  public Verdict {
    numbers = Map.copyOf(numbers);
  }

  static Verdict all(List<Verdict> verdicts) {
    Map<String, Double> numbers = new TreeMap<>();
    verdicts.forEach(v -> numbers.putAll(v.numbers()));
    return new Verdict(
        verdicts.stream().allMatch(Verdict::passed),
        verdicts.stream()
            .map(v -> (v.passed() ? "holds: " : "fails: ") + v.text())
            .collect(Collectors.joining("; ")),
        numbers);
  }

  static Map<String, Double> numbers(String metric, double value) {
    return Map.of(metric, value);
  }

  static Map<String, Double> numbers(
      String metric, double value, double champion, PairedBootstrap.Band band) {
    return Map.of(
        metric,
        value,
        metric + ".champion",
        champion,
        metric + ".difference",
        band.difference(),
        metric + ".band_low",
        band.low(),
        metric + ".band_high",
        band.high(),
        metric + ".pictures",
        (double) band.pictures());
  }

  /** Up to four decimals, as people write shares. */
  static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value).replaceFirst("\\.?0+$", "");
  }
}
