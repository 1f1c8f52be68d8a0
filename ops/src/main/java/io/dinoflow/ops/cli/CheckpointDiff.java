package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.CheckpointRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What changed between two checkpoints: everything that is recorded of how they came about and that
 * is not the same for both.
 */
record CheckpointDiff(CheckpointRow before, CheckpointRow after, List<Change> changes) {
  /** In place of a fact that one of them does not have. */
  private static final String ABSENT = "(absent)";

  CheckpointDiff {
    changes = List.copyOf(changes);
  }

  /**
   * One difference.
   *
   * @param topic {@code recipe}, {@code computed by}, {@code data}, {@code teacher}, {@code start}
   *     or {@code score}
   * @param text {@code what: before -> after}
   */
  record Change(String topic, String text) {}

  /**
   * One of the two, with what is recorded of it.
   *
   * @param recipeJson canonical, as it held when the checkpoint was made
   * @param environment empty where it is not known any more
   * @param ancestry all that it was made from
   */
  record Side(
      CheckpointRow row,
      String recipeJson,
      Optional<Environment> environment,
      Ancestry ancestry,
      List<Metric> scores) {
    Side {
      scores = List.copyOf(scores);
    }
  }

  /** Unknown is not different: what is not known of one is not compared. */
  static CheckpointDiff of(Side a, Side b) {
    List<Change> changes = new ArrayList<>();
    RecipeFormat.differences(a.recipeJson(), b.recipeJson())
        .forEach(text -> changes.add(new Change("recipe", text)));
    if (a.environment().isPresent() && b.environment().isPresent()) {
      compare("computed by", environment(a), environment(b), changes);
    }
    compare("data", datasets(a), datasets(b), changes);
    compare("teacher", edges(a, EdgeKind.GRAM_TEACHER), edges(b, EdgeKind.GRAM_TEACHER), changes);
    compare(
        "teacher", edges(a, EdgeKind.DISTILLED_FROM), edges(b, EdgeKind.DISTILLED_FROM), changes);
    compare(
        "start", edges(a, EdgeKind.INITIALISED_FROM), edges(b, EdgeKind.INITIALISED_FROM), changes);
    compare("score", scores(a), scores(b), changes);
    return new CheckpointDiff(a.row(), b.row(), changes);
  }

  private static void compare(
      String topic, Map<String, String> a, Map<String, String> b, List<Change> changes) {
    TreeSet<String> names = new TreeSet<>(a.keySet());
    names.addAll(b.keySet());
    for (String name : names) {
      String then = a.getOrDefault(name, ABSENT);
      String now = b.getOrDefault(name, ABSENT);
      if (!then.equals(now)) {
        changes.add(new Change(topic, "%s: %s -> %s".formatted(name, then, now)));
      }
    }
  }

  private static Map<String, String> environment(Side side) {
    Map<String, String> facts = new TreeMap<>();
    side.environment()
        .ifPresent(
            e -> {
              facts.put("engine", e.engine());
              facts.put("kernels", e.kernelDigest());
              facts.put("threads", Integer.toString(e.threads()));
              facts.put("device", e.device());
              facts.put("instruction set", e.instructionSet());
              facts.put("code", e.codeVersion());
            });
    return facts;
  }

  /** Versions by name: several where several versions of a name led to it. */
  private static Map<String, String> datasets(Side side) {
    return side.ancestry().nodes().stream()
        .map(Ancestry.Node::artifact)
        .filter(
            a ->
                a.ref().kind() == ArtifactKind.DATASET
                    || a.ref().kind() == ArtifactKind.SOURCE
                    || a.ref().kind() == ArtifactKind.MODEL)
        .collect(
            Collectors.groupingBy(
                ArtifactRow::name,
                TreeMap::new,
                Collectors.mapping(
                    a -> a.ref().id().shortForm(),
                    Collectors.collectingAndThen(
                        Collectors.toCollection(TreeSet::new), ids -> String.join(", ", ids)))));
  }

  /** The checkpoints that served its own track so, from the first on. */
  private static Map<String, String> edges(Side side, EdgeKind kind) {
    Map<Sha256, ArtifactRow> rows =
        side.ancestry().nodes().stream()
            .map(Ancestry.Node::artifact)
            .collect(Collectors.toMap(a -> a.ref().id(), Function.identity()));
    String track = side.row().ref().track() + "@";
    String served =
        side.ancestry().edges().stream()
            .filter(edge -> edge.kind() == kind)
            .filter(
                edge ->
                    Optional.ofNullable(rows.get(edge.from()))
                        .filter(from -> from.name().startsWith(track))
                        .isPresent())
            .map(edge -> Optional.ofNullable(rows.get(edge.to())))
            .flatMap(Optional::stream)
            .map(to -> "%s %s".formatted(to.name(), to.ref().id().shortForm()))
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return served.isEmpty()
        ? Map.of()
        : Map.of(kind.name().toLowerCase(Locale.ROOT).replace('_', ' '), served);
  }

  private static Map<String, String> scores(Side side) {
    Map<String, String> scores = new TreeMap<>();
    side.scores().forEach(m -> scores.put(m.name(), Quantities.value(m.value())));
    return scores;
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("A  %s".formatted(words(before)));
    lines.add("B  %s".formatted(words(after)));
    lines.add(
        before.ref().stateDigest().equals(after.ref().stateDigest())
            ? "the states are the same to the last bit"
            : "the states differ");
    lines.add("");
    if (changes.isEmpty()) {
      lines.add("nothing recorded of how they were made differs");
      return lines;
    }
    Table table = new Table().left("TOPIC").left("A -> B");
    changes.forEach(change -> table.row(change.topic(), change.text()));
    lines.addAll(table.lines());
    return lines;
  }

  private static String words(CheckpointRow row) {
    return "%s  %s at step %s"
        .formatted(
            row.ref().id().shortForm(), row.ref().track(), Quantities.count(row.ref().step()));
  }

  Map<String, Object> json() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("a", before.ref().id().hex());
    facts.put("b", after.ref().id().hex());
    facts.put("sameState", before.ref().stateDigest().equals(after.ref().stateDigest()));
    facts.put("changes", changes);
    return facts;
  }
}
