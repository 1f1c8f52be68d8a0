package io.dinoflow.activity.ingest;

import io.dinoflow.activity.support.Heartbeat;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.activity.support.Workbench;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.data.ImageDecoder;
import io.dinoflow.model.recipe.DataRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.artifact.ArtifactDraft;
import io.dinoflow.storage.dataset.ManifestStore;
import io.dinoflow.workflow.activity.IngestActivities;
import io.dinoflow.workflow.activity.Progress;
import io.temporal.activity.Activity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the source as a stream into shards on the local disk, then commits them. An attempt after a
 * kill reads again, which gives the same bytes, and uploads only the shards that are not in the
 * store yet.
 */
public final class IngestActivitiesImpl implements IngestActivities {
  private final Workbench bench;
  private final ImageSources sources;
  private final ImageDecoder decoder;

  public IngestActivitiesImpl(Workbench bench) {
    this(
        bench,
        new ImageSources(
            NpmPackage.ofUser(), new SafeTar(), ImageDecoder.Limits.DEFAULT.bytesMax()),
        new ImageDecoder());
  }

  IngestActivitiesImpl(Workbench bench, ImageSources sources, ImageDecoder decoder) {
    this.bench = bench;
    this.sources = sources;
    this.decoder = decoder;
  }

  @Override
  public Ingested ingest(IngestRequest request) {
    return SourceFailures.mapped(() -> run(request));
  }

  private Ingested run(IngestRequest request) throws IOException {
    var recipe = bench.recipes().read(request.run(), request.recipe());
    DataRecipe data = recipe.data();
    if (data.source().startsWith(StoredDatasets.PREFIX)) {
      return stored(data.source().substring(StoredDatasets.PREFIX.length()));
    }
    long shardBytes = recipe.stage(request.stage(), StageRecipe.Curate.class).shardBytes();
    try (Heartbeat heartbeat =
            Heartbeat.start(
                Activity.getExecutionContext(),
                bench.heartbeat(),
                Progress.ofPhase(request.stage(), "finding", data.source()));
        Scratch.Folder scratch = bench.scratch().folder("ingest")) {
      ImageSources.Choice choice = sources.choose(data.source());
      long of = choice.source().size().orElse(0);
      Ingestion.Result result =
          new Ingestion(decoder, scratch.path())
              .ingest(
                  choice.source(),
                  data.limit(),
                  shardBytes,
                  done -> {
                    heartbeat.throwIfStopped();
                    heartbeat.advance(
                        Progress.ofImages(request.stage(), "reading", done, Math.max(of, done)));
                  });
      heartbeat.advance(
          Progress.ofImages(
              request.stage(), "storing", result.samples().size(), result.samples().size()));
      return commit(request, choice, result, scratch);
    }
  }

  private Ingested stored(String name) {
    DatasetRef dataset = new StoredDatasets(bench.lineage()).find(name);
    return new Ingested(
        dataset,
        "took version %s of dataset %s".formatted(dataset.version().shortForm(), dataset.name()),
        List.of(Metric.of("images", dataset.samples())));
  }

  private Ingested commit(
      IngestRequest request,
      ImageSources.Choice choice,
      Ingestion.Result result,
      Scratch.Folder scratch) {
    ImageSource source = choice.source();
    List<BlobFile> files = new ArrayList<>(result.files());
    files.add(
        bench.manifests().write(result.samples(), scratch.path().resolve(ManifestStore.FILE_NAME)));
    ArtifactRef ref =
        bench
            .artifacts()
            .commit(
                new ArtifactDraft(
                    ArtifactKind.SOURCE,
                    source.name(),
                    Optional.of(new ArtifactDraft.MadeBy(request.run(), request.stage())),
                    files,
                    Map.of(
                        ArtifactDraft.SAMPLES,
                        "" + result.samples().size(),
                        "quarantined",
                        "" + result.quarantined(),
                        "source",
                        source.account()),
                    List.of(),
                    List.of()));
    int images = result.samples().size();
    return new Ingested(
        new DatasetRef(ArtifactKind.SOURCE, source.name(), ref.id(), images),
        "took %s, %s: %,d pictures, %,d quarantined"
            .formatted(source.account(), choice.why(), images, result.quarantined()),
        List.of(Metric.of("images", images), Metric.of("quarantined", result.quarantined())));
  }
}
