package io.dinoflow.model.golden;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/** What the tests of this process have read of the fixtures, and how far ours was from them. */
final class GoldenLedger {
  private static final Map<Path, Set<String>> READ = new ConcurrentHashMap<>();
  private static final Map<Path, Map<String, String>> LEFT_OUT = new ConcurrentHashMap<>();
  private static final Map<String, List<Comparison>> COMPARED = new ConcurrentSkipListMap<>();

  /** The name under which a JSON itself counts as read. */
  static final String WHOLE = "";

  private GoldenLedger() {}

  /**
   * One comparison.
   *
   * @param absolute largest absolute deviation
   * @param relative that over the largest magnitude of the fixture's tensor
   */
  record Comparison(String what, double absolute, double relative, double tolerance) {}

  static void read(Path file, String tensor) {
    READ.computeIfAbsent(key(file), f -> ConcurrentHashMap.newKeySet()).add(tensor);
  }

  static void leaveOut(Path file, String tensor, String because) {
    LEFT_OUT.computeIfAbsent(key(file), f -> new ConcurrentSkipListMap<>()).put(tensor, because);
  }

  static void compared(String fixture, Comparison comparison) {
    COMPARED
        .computeIfAbsent(fixture, f -> Collections.synchronizedList(new ArrayList<>()))
        .add(comparison);
  }

  /** All files of a fixture; none if it does not exist. */
  static List<Path> files(String fixture) {
    Path folder = Golden.folder().resolve(fixture);
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        return files.sorted().toList();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot list " + folder, e);
      }
    }
    return Stream.of(".json", ".safetensors")
        .map(suffix -> Golden.folder().resolve(fixture + suffix))
        .filter(Files::exists)
        .toList();
  }

  /** Tensors of a file that were neither read nor left out with a reason; for a JSON itself. */
  static Set<String> unread(Path file) {
    Set<String> names =
        new TreeSet<>(
            file.toString().endsWith(".safetensors")
                ? Golden.header(file).keySet()
                : Set.of(WHOLE));
    names.removeAll(READ.getOrDefault(key(file), Set.of()));
    names.removeAll(LEFT_OUT.getOrDefault(key(file), Map.of()).keySet());
    return names;
  }

  /** Prints the table of deviations and writes it where the module's reports are. */
  static void write() {
    if (COMPARED.isEmpty()) {
      return;
    }
    String table = table();
    System.out.print(table);
    Path target = Path.of(System.getProperty("basedir", "."), "target");
    try {
      Files.createDirectories(target);
      Files.writeString(
          target.resolve(
              "golden-deviations%s%s.txt"
                  .formatted(
                      Golden.own() ? "-own" : "", Golden.device().equals("cpu") ? "" : "-cuda")),
          table);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the deviations to " + target, e);
    }
  }

  private static String table() {
    String format = "%-30s %8s %13s %13s %13s %8s  %s%n";
    StringBuilder table =
        new StringBuilder(
            "Deviations from the goldens of %s%n"
                .formatted(Golden.folder().toAbsolutePath().normalize()));
    table.append(
        format.formatted(
            "fixture", "tensors", "max abs", "max relative", "tolerance", "used", "nearest to it"));
    new TreeMap<>(COMPARED)
        .forEach(
            (fixture, all) -> {
              Comparison nearest =
                  all.stream().max(Comparator.comparingDouble(GoldenLedger::used)).orElseThrow();
              table.append(
                  format.formatted(
                      fixture,
                      all.size(),
                      number(all.stream().mapToDouble(Comparison::absolute).max().orElse(0)),
                      number(all.stream().mapToDouble(Comparison::relative).max().orElse(0)),
                      number(nearest.tolerance()),
                      String.format(Locale.ROOT, "%.0f%%", 100 * used(nearest)),
                      nearest.what()));
            });
    LEFT_OUT.forEach(
        (file, names) -> {
          Map<String, List<String>> byReason = new TreeMap<>();
          names.forEach(
              (name, because) ->
                  byReason.computeIfAbsent(because, b -> new ArrayList<>()).add(name));
          byReason.forEach(
              (because, left) ->
                  table.append(
                      "left out of %s, since %s: %s%n"
                          .formatted(file.getFileName(), because, String.join(" ", left))));
        });
    return table.toString();
  }

  private static double used(Comparison c) {
    return c.tolerance() == 0 ? (c.absolute() == 0 ? 0 : 1) : c.absolute() / c.tolerance();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2e", value);
  }

  private static Path key(Path file) {
    return file.toAbsolutePath().normalize();
  }
}
