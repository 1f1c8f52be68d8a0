package io.dinoflow.activity.curate;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.activity.support.Heartbeat;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.activity.support.Workbench;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.curate.Vectors;
import io.dinoflow.model.data.CachedImages;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.artifact.ArtifactDraft;
import io.dinoflow.storage.dataset.ManifestStore;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.CurateActivities;
import io.dinoflow.workflow.activity.Progress;
import io.temporal.activity.Activity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Embeds (in blocks that survive a kill), curates, writes shards and a report, commits. All of it
 * is a function of (source, recipe, seed), so whatever an attempt does again gives the same
 * artifact.
 */
public final class CurateActivitiesImpl implements CurateActivities {
  private static final String REPORT = "report.json";
  private static final String EMBEDDER = "starter";

  private final Workbench bench;
  private final ObjectMapper json = Payloads.mapper();

  public CurateActivitiesImpl(Workbench bench) {
    this.bench = bench;
  }

  @Override
  public Curated curate(CurateRequest request) {
    return FailureMapper.mapped(() -> run(request));
  }

  private Curated run(CurateRequest request) throws IOException {
    PipelineRecipe pipeline =
        bench.recipes().current(request.run(), request.recipe(), request.stage());
    StageRecipe.Curate recipe = pipeline.stage(request.stage(), StageRecipe.Curate.class);
    if (!recipe.embedder().equals(EMBEDDER)) {
      throw FailureMapper.lasting(
          Failures.BAD_CONFIG,
          "%s.embedder is \"%s\", must be \"%s\""
              .formatted(recipe.name(), recipe.embedder(), EMBEDDER));
    }
    try (Heartbeat heartbeat =
            Heartbeat.start(
                Activity.getExecutionContext(),
                bench.heartbeat(),
                Progress.ofPhase(request.stage(), "fetching", request.source().name()));
        Scratch.Folder scratch = bench.scratch().folder("curate")) {
      Dataset source = bench.datasets().open(request.source());
      CachedImages images = CachedImages.of(source);
      Vectors vectors = embed(request, source, images, heartbeat);
      int total = source.samples().size();
      Curation.Result result =
          new Curation(
                  recipe,
                  pipeline.seed(),
                  phase -> beat(heartbeat, request.stage(), phase, total, total))
              .curate(source.samples(), vectors);
      int size = result.taken().size();
      CuratedShards.Written written =
          new CuratedShards(images, recipe.imageSize())
              .write(
                  result.taken(),
                  scratch.path(),
                  recipe.shardBytes(),
                  done -> beat(heartbeat, request.stage(), "writing", done, size));
      beat(heartbeat, request.stage(), "storing", size, size);
      return commit(request, result.funnel(), written, scratch.path());
    }
  }

  private Vectors embed(
      CurateRequest request, Dataset source, CachedImages images, Heartbeat heartbeat)
      throws IOException {
    Path file = bench.datasets().beside(request.source(), EMBEDDER + ".f32");
    int total = source.samples().size();
    return new Embeddings(images, file)
        .of(source.samples(), done -> beat(heartbeat, request.stage(), "embedding", done, total));
  }

  private static void beat(Heartbeat heartbeat, String stage, String phase, long done, long of) {
    heartbeat.throwIfStopped();
    heartbeat.advance(Progress.ofImages(stage, phase, done, of));
  }

  private Curated commit(
      CurateRequest request, Curation.Funnel funnel, CuratedShards.Written written, Path folder)
      throws IOException {
    List<BlobFile> files = new ArrayList<>(written.files());
    files.add(bench.manifests().write(written.samples(), folder.resolve(ManifestStore.FILE_NAME)));
    files.add(report(funnel, folder.resolve(REPORT)));
    String name = request.source().name() + "-" + request.stage();
    List<Metric> metrics = metrics(funnel, written.files().size());
    ArtifactRef ref =
        bench
            .artifacts()
            .commit(
                new ArtifactDraft(
                    ArtifactKind.DATASET,
                    name,
                    Optional.of(new ArtifactDraft.MadeBy(request.run(), request.stage())),
                    files,
                    Map.of(ArtifactDraft.SAMPLES, "" + funnel.dataset(), "embedder", EMBEDDER),
                    List.of(EdgeDraft.of(EdgeKind.DATASET, request.source().version())),
                    metrics));
    return new Curated(
        new DatasetRef(ArtifactKind.DATASET, name, ref.id(), funnel.dataset()), metrics);
  }

  private BlobFile report(Curation.Funnel funnel, Path file) throws IOException {
    byte[] bytes = json.writerWithDefaultPrettyPrinter().writeValueAsBytes(funnel);
    Files.write(file, bytes);
    return new BlobFile(REPORT, file, Sha256.of(bytes), bytes.length);
  }

  private static List<Metric> metrics(Curation.Funnel funnel, int shards) {
    return List.of(
        Metric.of("source", funnel.source()),
        Metric.of("deduplicated", funnel.deduplicated()),
        Metric.of("sampled", funnel.sampled()),
        Metric.of("retrieved", funnel.retrieved()),
        Metric.of("dataset", funnel.dataset()),
        Metric.of("shards", shards));
  }
}
