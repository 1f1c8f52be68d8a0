package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.ArtifactRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who used a dataset, by run and stage.
 *
 * @param dataset the one asked about, or one that was curated from it
 * @param artifacts how many things of the stage used it so
 * @param lastStep the furthest of them; 0 where none is a checkpoint
 */
record DatasetUse(
    DatasetRef dataset, String run, String stage, How how, long artifacts, long lastStep) {

  /** In which way. */
  enum How {
    /** It was read in training. */
    TRAINED("trained on it"),
    /** A dataset was made of it. */
    CURATED("curated it"),
    /** It was read to measure something. */
    MEASURED("measured with it"),
    /** Something that had used it was used. */
    INHERITED("built on what used it");

    private final String words;

    How(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /**
   * @param asked what {@code down} begins with
   * @param down all that was made from it
   * @param holding datasets whose use counts, by version: the asked one and those curated from it,
   *     or those of them that hold a picture
   */
  static List<DatasetUse> of(DatasetRef asked, Ancestry down, Map<Sha256, DatasetRef> holding) {
    Map<Sha256, Ancestry.Node> nodes = new LinkedHashMap<>();
    down.nodes().forEach(node -> nodes.put(node.artifact().ref().id(), node));
    Map<String, DatasetUse> uses = new TreeMap<>();
    Set<Sha256> direct = new HashSet<>();
    for (Ancestry.Edge edge : down.edges()) {
      Optional<DatasetRef> dataset = Optional.ofNullable(holding.get(edge.to()));
      Optional<Ancestry.Node> user = Optional.ofNullable(nodes.get(edge.from()));
      if (dataset.isPresent()
          && user.isPresent()
          && (edge.kind() == EdgeKind.DATASET || edge.kind() == EdgeKind.EVALUATED_ON)) {
        direct.add(edge.from());
        add(uses, dataset.get(), user.get(), how(edge.kind(), user.get().artifact()));
      }
    }
    for (Sha256 heir : heirs(down, direct)) {
      Optional.ofNullable(nodes.get(heir))
          .filter(node -> !holding.containsKey(heir))
          .filter(node -> node.artifact().ref().kind() != ArtifactKind.DATASET)
          .ifPresent(node -> add(uses, asked, node, How.INHERITED));
    }
    return List.copyOf(uses.values());
  }

  /** What was made from a direct user without using the data itself. */
  private static Set<Sha256> heirs(Ancestry down, Set<Sha256> direct) {
    Map<Sha256, List<Sha256>> madeInto = new LinkedHashMap<>();
    down.edges()
        .forEach(e -> madeInto.computeIfAbsent(e.to(), id -> new ArrayList<>()).add(e.from()));
    Set<Sha256> heirs = new LinkedHashSet<>();
    List<Sha256> queue = new ArrayList<>(direct);
    for (int i = 0; i < queue.size(); i++) {
      for (Sha256 next : madeInto.getOrDefault(queue.get(i), List.of())) {
        if (!direct.contains(next) && heirs.add(next)) {
          queue.add(next);
        }
      }
    }
    return heirs;
  }

  private static How how(EdgeKind kind, ArtifactRow user) {
    if (kind == EdgeKind.EVALUATED_ON) {
      return How.MEASURED;
    }
    return user.ref().kind() == ArtifactKind.DATASET ? How.CURATED : How.TRAINED;
  }

  private static void add(
      Map<String, DatasetUse> uses, DatasetRef dataset, Ancestry.Node user, How how) {
    ArtifactRow row = user.artifact();
    String run = row.run().map(id -> id.value()).orElse("-");
    String stage = row.stage().orElse("-");
    uses.merge(
        String.join("\n", run, stage, Integer.toString(how.ordinal()), dataset.version().hex()),
        new DatasetUse(dataset, run, stage, how, 1, user.step().orElse(0)),
        (a, b) ->
            new DatasetUse(
                a.dataset(),
                run,
                stage,
                how,
                a.artifacts() + 1,
                Math.max(a.lastStep(), b.lastStep())));
  }

  static List<String> lines(List<DatasetUse> uses) {
    Table table =
        new Table()
            .left("RUN")
            .left("STAGE")
            .left("HOW")
            .right("ARTIFACTS")
            .right("LAST STEP")
            .left("DATASET");
    for (DatasetUse use : uses) {
      table.row(
          use.run(),
          use.stage(),
          use.how().words(),
          Quantities.count(use.artifacts()),
          use.lastStep() == 0 ? "-" : Quantities.count(use.lastStep()),
          "%s %s".formatted(use.dataset().name(), use.dataset().version().shortForm()));
    }
    return table.lines();
  }

  Map<String, Object> json() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("run", run);
    facts.put("stage", stage);
    facts.put("how", how.name().toLowerCase(Locale.ROOT));
    facts.put("artifacts", artifacts);
    facts.put("lastStep", lastStep);
    facts.put("dataset", dataset.name());
    facts.put("version", dataset.version().hex());
    return facts;
  }
}
