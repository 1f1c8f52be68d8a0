package io.dinoflow.ops.cli;

import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.dataset.ManifestStore;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.ArtifactRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What lineage knows of a checkpoint, for its model card.
 *
 * @param sources pictures it was trained on as they came in, and models that it was made from
 * @param licences of those pictures, where they are known
 * @param origins edges to other tracks' checkpoints, in words
 * @param scores of every evaluation that measured it
 */
record ModelFacts(
    Environment environment,
    List<ArtifactRow> sources,
    List<String> licences,
    List<String> origins,
    List<Metric> scores) {
  private static final int DEPTH_MAX = 10_000;
  private static final int NODES_MAX = 20_000;

  static ModelFacts of(Services services, StoredModel model, Scratch.Folder scratch)
      throws IOException {
    Sha256 id = model.checkpoint().id();
    Ancestry up = services.lineage().ancestry(id, Ancestry.Direction.UP, DEPTH_MAX, NODES_MAX);
    List<ArtifactRow> sources =
        up.nodes().stream()
            .map(Ancestry.Node::artifact)
            .filter(
                a -> a.ref().kind() == ArtifactKind.SOURCE || a.ref().kind() == ArtifactKind.MODEL)
            .sorted(Comparator.comparing(ArtifactRow::name).thenComparing(a -> a.ref().id()))
            .toList();
    return new ModelFacts(
        services.checkpoints().manifest(id).environment(),
        sources,
        licences(services, sources, scratch.path()),
        origins(up, model),
        scores(services, model));
  }

  private static List<String> licences(Services services, List<ArtifactRow> sources, Path scratch)
      throws IOException {
    Set<String> licences = new LinkedHashSet<>();
    for (ArtifactRow source : sources) {
      Path folder = scratch.resolve(source.ref().id().shortForm());
      for (Path manifest :
          services
              .artifacts()
              .fetch(source.ref().id(), ManifestStore.FILE_NAME::equals, folder)
              .values()) {
        licences.addAll(new ManifestStore().licences(manifest));
      }
    }
    return List.copyOf(licences);
  }

  /** Checkpoints of other tracks that this one's ancestors point at, each once. */
  private static List<String> origins(Ancestry up, StoredModel model) {
    Set<String> words = new LinkedHashSet<>();
    for (Ancestry.Edge edge : up.edges()) {
      if (edge.kind() == EdgeKind.INITIALISED_FROM
          || edge.kind() == EdgeKind.DISTILLED_FROM
          || edge.kind() == EdgeKind.GRAM_TEACHER) {
        words.add(
            "%s: %s -> %s"
                .formatted(
                    edge.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    track(up, edge.from()),
                    track(up, edge.to())));
      }
    }
    return words.stream().sorted().toList();
  }

  /** A checkpoint's {@code run/stage@step} without its step, so that a track counts once. */
  private static String track(Ancestry up, Sha256 id) {
    return up.nodes().stream()
        .map(Ancestry.Node::artifact)
        .filter(a -> a.ref().id().equals(id))
        .map(a -> a.name().replaceFirst("@\\d+$", ""))
        .findFirst()
        .orElse(id.shortForm());
  }

  private static List<Metric> scores(Services services, StoredModel model) {
    Ancestry down =
        services.lineage().ancestry(model.checkpoint().id(), Ancestry.Direction.DOWN, 1, NODES_MAX);
    List<Metric> scores = new ArrayList<>();
    for (Ancestry.Node node : down.nodes()) {
      if (node.artifact().ref().kind() == ArtifactKind.EVALUATION) {
        services.lineage().metrics(node.artifact().ref().id()).stream()
            .filter(m -> isOf(m.name(), model.subject()))
            .forEach(scores::add);
      }
    }
    return scores;
  }

  /** Its own numbers, and those of the baselines that they stand beside. */
  private static boolean isOf(String metric, String subject) {
    return metric.startsWith(subject + ".")
        || metric.startsWith("random_weights.")
        || metric.startsWith("raw_pixels.");
  }
}
