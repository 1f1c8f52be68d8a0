package io.dinoflow.activity.curate;

import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.curate.BalancedSampler;
import io.dinoflow.model.curate.Deduplicator;
import io.dinoflow.model.curate.HierarchicalKMeans;
import io.dinoflow.model.curate.Hierarchy;
import io.dinoflow.model.curate.KMeans;
import io.dinoflow.model.curate.Mixture;
import io.dinoflow.model.curate.Retrieval;
import io.dinoflow.model.curate.Vectors;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Which pictures of a source become the dataset, and why: deduplicate, cluster, sample evenly,
 * retrieve around a seed set, mix. A function of (samples, descriptors, recipe, seed).
 */
final class Curation {
  private static final int RESAMPLINGS = 1;
  private static final int RESAMPLED_POINTS_PER_CLUSTER = 8;

  /** A picture that was taken. */
  record Taken(Sample sample, String clusterPath, String sampledBy) {}

  /** How many pictures passed each step, and the sizes of clusters of each level, finest first. */
  record Funnel(
      int source,
      int exactDuplicates,
      int nearDuplicates,
      int deduplicated,
      int sampled,
      int seeds,
      int retrieved,
      int dataset,
      List<List<Integer>> clusterSizes) {}

  /** The dataset in seeded order, and how it came about. */
  record Result(List<Taken> taken, Funnel funnel) {}

  private final StageRecipe.Curate recipe;
  private final long seed;
  private final Consumer<String> phases;

  /**
   * @param phases hears what begins
   */
  Curation(StageRecipe.Curate recipe, long seed, Consumer<String> phases) {
    this.recipe = recipe;
    this.seed = seed;
    this.phases = phases;
  }

  Result curate(List<Sample> samples, Vectors vectors) {
    phases.accept("deduplicating");
    List<Sha256> digests = samples.stream().map(Sample::sha256).toList();
    Deduplicator.Result unique =
        new Deduplicator(recipe.dedupThreshold()).deduplicate(digests, vectors);
    Vectors kept = vectors.rows(unique.kept());

    phases.accept("clustering");
    Hierarchy hierarchy =
        new HierarchicalKMeans(
                recipe.nClusters(),
                recipe.kmeansIterations(),
                RESAMPLINGS,
                RESAMPLED_POINTS_PER_CLUSTER)
            .cluster(kept, seed);

    phases.accept("sampling");
    Mixture.Branch sampled = sampled(hierarchy, kept.count());
    int[] seeds = seeds(kept.count());
    int[] retrieved = Retrieval.nearest(kept, seeds, recipe.retrievalSize());
    List<Mixture.Picked> mixed =
        Mixture.mix(List.of(sampled, new Mixture.Branch("retrieval", retrieved)), seed);

    List<Taken> taken = new ArrayList<>();
    for (Mixture.Picked picked : mixed) {
      taken.add(
          new Taken(
              samples.get(unique.kept()[picked.row()]),
              hierarchy.path(picked.row()),
              picked.branch()));
    }
    Funnel funnel =
        new Funnel(
            samples.size(),
            unique.exact(),
            unique.near(),
            unique.kept().length,
            sampled.rows().length,
            seeds.length,
            retrieved.length,
            taken.size(),
            hierarchy.levels().stream().map(Curation::sizes).toList());
    return new Result(taken, funnel);
  }

  private Mixture.Branch sampled(Hierarchy hierarchy, int points) {
    if (recipe.targetSize() == 0) {
      return new Mixture.Branch("all", IntStream.range(0, points).toArray());
    }
    return new Mixture.Branch(
        "cluster", new BalancedSampler(hierarchy, seed).sample(recipe.targetSize()));
  }

  private int[] seeds(int points) {
    int wanted = recipe.retrievalSize() == 0 ? 0 : Math.min(recipe.seedSize(), points);
    int[] order = SeededRandom.of(seed, Purpose.SAMPLE, 1).permutation(points);
    return Arrays.copyOf(order, wanted);
  }

  private static List<Integer> sizes(KMeans.Clusters clusters) {
    return Arrays.stream(clusters.sizes()).boxed().sorted((a, b) -> b - a).toList();
  }
}
