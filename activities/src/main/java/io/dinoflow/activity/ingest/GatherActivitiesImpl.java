package io.dinoflow.activity.ingest;

import io.dinoflow.activity.support.Heartbeat;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.activity.support.Workbench;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.ImageDecoder;
import io.dinoflow.storage.artifact.ArtifactDraft;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.dataset.ManifestStore;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.workflow.activity.GatherActivities;
import io.dinoflow.workflow.activity.Progress;
import io.temporal.activity.Activity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Unites a dataset with what a model was trained on. Shards of the base are named again, not
 * copied: the store has their content, so none of them is uploaded a second time. What is new lies
 * in shards of its own behind them.
 */
public final class GatherActivitiesImpl implements GatherActivities {
  private static final String PHASE = "gather";

  private final Workbench bench;
  private final ImageSources sources;
  private final StoredDatasets stored;
  private final ImageDecoder decoder = new ImageDecoder();

  public GatherActivitiesImpl(Workbench bench) {
    this.bench = bench;
    this.sources =
        new ImageSources(
            NpmPackage.ofUser(), new SafeTar(), ImageDecoder.Limits.DEFAULT.bytesMax());
    this.stored = new StoredDatasets(bench.lineage());
  }

  @Override
  public Gathered gather(GatherRequest request) {
    return SourceFailures.mapped(
        () -> {
          try (Heartbeat heartbeat =
                  Heartbeat.start(
                      Activity.getExecutionContext(),
                      bench.heartbeat(),
                      Progress.ofPhase(PHASE, "finding", request.source()));
              Scratch.Folder scratch = bench.scratch().folder(PHASE)) {
            Base base = base(request.base());
            return request.source().startsWith(StoredDatasets.PREFIX)
                ? ofStored(request, base, scratch.path())
                : ofPictures(request, base, heartbeat, scratch.path());
          }
        });
  }

  /** What the model was trained on. */
  private record Base(Optional<DatasetRef> ref, List<Sample> samples, List<FileEntry> shards) {
    Set<Sha256> contents() {
      Set<Sha256> contents = new HashSet<>();
      samples.forEach(sample -> contents.add(sample.sha256()));
      return contents;
    }

    long missingIn(Set<Sha256> present) {
      return contents().stream().filter(content -> !present.contains(content)).count();
    }

    List<BlobFile> files(Path folder) {
      return shards.stream().map(shard -> held(shard, shard.name(), folder)).toList();
    }
  }

  /** A file that the store holds already: its content is never asked for. */
  private static BlobFile held(FileEntry file, String name, Path folder) {
    return new BlobFile(name, folder.resolve("held-" + name), file.sha256(), file.bytes());
  }

  private Base base(Optional<DatasetRef> ref) throws IOException {
    return ref.isEmpty()
        ? new Base(ref, List.of(), List.of())
        : new Base(ref, samples(ref.get()), shards(ref.get()));
  }

  private List<Sample> samples(DatasetRef dataset) throws IOException {
    return bench.datasets().open(dataset).samples();
  }

  private List<FileEntry> shards(DatasetRef dataset) throws IOException {
    Set<String> named = new HashSet<>();
    samples(dataset).forEach(sample -> named.add(sample.shard()));
    return bench.artifacts().manifest(dataset.version()).files().stream()
        .filter(file -> named.contains(file.name()))
        .toList();
  }

  private Gathered ofPictures(GatherRequest request, Base base, Heartbeat heartbeat, Path scratch)
      throws IOException {
    ImageSources.Choice choice = sources.choose(request.source());
    FreshPictures fresh = new FreshPictures(choice.source(), base.contents());
    Ingestion.Result added =
        new Ingestion(decoder, scratch, base.samples())
            .added(
                fresh,
                0,
                request.shardBytes(),
                done -> {
                  heartbeat.throwIfStopped();
                  heartbeat.advance(Progress.ofImages(PHASE, "reading", done, done));
                });
    Optional<DatasetRef> union =
        added.samples().size() < request.newSamplesMin() || added.samples().isEmpty()
            ? Optional.empty()
            : Optional.of(
                commit(
                    base.ref().map(DatasetRef::name).orElseGet(fresh::name),
                    request.source(),
                    base,
                    added.samples(),
                    added.files(),
                    scratch));
    return new Gathered(
        fresh.account(),
        fresh.present().size() - added.quarantined(),
        added.samples().size(),
        base.missingIn(fresh.present()),
        added.quarantined(),
        union,
        base.shards().size(),
        (int) added.files().stream().filter(file -> file.name().endsWith(".tar")).count());
  }

  /** Whole shards of the newer version are named, of which only the new pictures are listed. */
  private Gathered ofStored(GatherRequest request, Base base, Path scratch) throws IOException {
    DatasetRef newest = stored.find(request.source().substring(StoredDatasets.PREFIX.length()));
    List<Sample> now = samples(newest);
    Set<Sha256> known = base.contents();
    Set<Sha256> present = new HashSet<>();
    List<Sample> fresh = new ArrayList<>();
    for (Sample sample : now) {
      if (present.add(sample.sha256()) && !known.contains(sample.sha256())) {
        fresh.add(sample);
      }
    }
    long gone = base.missingIn(present);
    String account =
        "version %s of dataset %s".formatted(newest.version().shortForm(), newest.name());
    int shards = shards(newest).size();
    if (fresh.isEmpty() || fresh.size() < request.newSamplesMin()) {
      return new Gathered(
          account, present.size(), fresh.size(), gone, 0, Optional.empty(), shards, 0);
    }
    if (gone == 0) {
      return new Gathered(
          account, present.size(), fresh.size(), gone, 0, Optional.of(newest), shards, 0);
    }
    Renamed renamed = renamed(newest, fresh, base, scratch);
    DatasetRef union =
        commit(newest.name(), request.source(), base, renamed.samples(), renamed.files(), scratch);
    return new Gathered(
        account,
        present.size(),
        fresh.size(),
        gone,
        0,
        Optional.of(union),
        base.shards().size(),
        renamed.files().size());
  }

  private record Renamed(List<Sample> samples, List<BlobFile> files) {}

  /** Samples of another version under names that are free beside the base. */
  private Renamed renamed(DatasetRef newest, List<Sample> fresh, Base base, Path scratch)
      throws IOException {
    Map<String, String> names = new HashMap<>();
    List<BlobFile> files = new ArrayList<>();
    String prefix = newest.version().shortForm() + "-";
    Set<String> wanted = new HashSet<>();
    fresh.forEach(sample -> wanted.add(sample.shard()));
    for (FileEntry shard : shards(newest)) {
      Optional<FileEntry> same =
          base.shards().stream().filter(s -> s.sha256().equals(shard.sha256())).findFirst();
      names.put(shard.name(), same.map(FileEntry::name).orElse(prefix + shard.name()));
      if (same.isEmpty() && wanted.contains(shard.name())) {
        files.add(held(shard, prefix + shard.name(), scratch));
      }
    }
    Set<String> keys = new HashSet<>();
    base.samples().forEach(sample -> keys.add(sample.key()));
    List<Sample> samples = new ArrayList<>();
    for (Sample sample : fresh) {
      String key = keys.add(sample.key()) ? sample.key() : prefix + sample.key();
      samples.add(sample.at(key, names.getOrDefault(sample.shard(), sample.shard())));
    }
    return new Renamed(samples, files);
  }

  private DatasetRef commit(
      String name,
      String source,
      Base base,
      List<Sample> added,
      List<BlobFile> addedFiles,
      Path scratch) {
    List<Sample> samples = new ArrayList<>(base.samples());
    samples.addAll(added);
    List<BlobFile> files = new ArrayList<>(base.files(scratch));
    files.addAll(addedFiles);
    files.add(bench.manifests().write(samples, scratch.resolve(ManifestStore.FILE_NAME)));
    Map<String, String> facts = new HashMap<>();
    facts.put(ArtifactDraft.SAMPLES, "" + samples.size());
    facts.put("added", "" + added.size());
    facts.put("source", source);
    base.ref().ifPresent(old -> facts.put("base", old.version().hex()));
    var ref =
        bench
            .artifacts()
            .commit(
                new ArtifactDraft(
                    ArtifactKind.SOURCE,
                    name,
                    Optional.empty(),
                    files,
                    facts,
                    base.ref().stream()
                        .map(old -> EdgeDraft.of(EdgeKind.DATASET, old.version()))
                        .toList(),
                    List.of()));
    return new DatasetRef(ArtifactKind.SOURCE, name, ref.id(), samples.size());
  }
}
