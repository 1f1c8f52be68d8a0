package io.dinoflow.activity.testing;

import io.dinoflow.activity.support.DatasetCache;
import io.dinoflow.activity.support.HeartbeatPolicy;
import io.dinoflow.activity.support.Machine;
import io.dinoflow.activity.support.Profiles;
import io.dinoflow.activity.support.Recipes;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.activity.support.Workbench;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.kernel.Accelerators;
import io.dinoflow.model.kernel.NativeLibrary;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.storage.artifact.ArtifactDraft;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.checkpoint.CheckpointStore;
import io.dinoflow.storage.dataset.ManifestStore;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.object.FileObjectStore;
import io.dinoflow.storage.registry.FiringLog;
import io.dinoflow.storage.registry.ModelRegistry;
import io.dinoflow.storage.testing.TestServers;
import io.temporal.activity.ActivityOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A workbench on a database of its own and a folder of objects. */
public final class Bench implements AutoCloseable {
  /** Of the SDK's own, a heartbeat may be late by a second. */
  public static final ActivityOptions PATIENT =
      ActivityOptions.newBuilder()
          .setScheduleToCloseTimeout(Duration.ofDays(1))
          .setHeartbeatTimeout(Duration.ofMinutes(5))
          .build();

  private static final Accelerators PROCESSOR =
      new Accelerators(new NativeLibrary(Optional.empty(), "2.7.1", false), List.of());

  /** Beats so often that a test need not wait for one. */
  private static final HeartbeatPolicy BRISK =
      new HeartbeatPolicy(Duration.ofMillis(1), Duration.ofMinutes(5));

  private static final AtomicInteger RUNS = new AtomicInteger();

  private final Database database = TestServers.database();
  private final Path folder;
  private final Workbench workbench;

  private Bench(Path folder) {
    this.folder = folder;
    FileObjectStore objects = new FileObjectStore(folder.resolve("objects"));
    LineageStore lineage = new LineageStore(database);
    ArtifactStore artifacts = new ArtifactStore(database, objects);
    ManifestStore manifests = new ManifestStore();
    this.workbench =
        new Workbench(
            new CheckpointStore(database, objects),
            artifacts,
            lineage,
            manifests,
            new DatasetCache(artifacts, manifests, folder.resolve("datasets")),
            Scratch.under(folder.resolve("scratch")),
            Profiles.under(folder.resolve("profiles")),
            new Recipes(lineage),
            new Machine("PyTorch 2.7.1", "kernels", 2, PROCESSOR, "avx2", "0.1.0"),
            BRISK);
  }

  /** Everything lies under {@code folder}. */
  public static Bench in(Path folder) {
    return new Bench(folder);
  }

  public Workbench workbench() {
    return workbench;
  }

  public LineageStore lineage() {
    return workbench.lineage();
  }

  /** Of its database. */
  public ModelRegistry models() {
    return new ModelRegistry(database);
  }

  /** Of its database. */
  public FiringLog firings() {
    return new FiringLog(database);
  }

  /** A new open run of the recipe. */
  public RunId open(PipelineRecipe recipe) {
    RunId run = new RunId("run-" + RUNS.incrementAndGet());
    String json = RecipeFormat.canonicalJson(recipe);
    lineage().openRun(run, recipe.name(), Sha256.ofText(json), json);
    return run;
  }

  /** Commits a dataset whose shards are not there, as far as nobody asks for them. */
  public DatasetRef dataset(String name, List<Sample> samples) throws IOException {
    Path manifest = Files.createTempDirectory(folder, "manifest");
    var file = workbench.manifests().write(samples, manifest.resolve(ManifestStore.FILE_NAME));
    var ref =
        workbench
            .artifacts()
            .commit(
                new ArtifactDraft(
                    ArtifactKind.SOURCE,
                    name,
                    Optional.empty(),
                    List.of(file),
                    Map.of(ArtifactDraft.SAMPLES, "" + samples.size()),
                    List.of(),
                    List.of()));
    return new DatasetRef(ArtifactKind.SOURCE, name, ref.id(), samples.size());
  }

  /** A sample without a picture. */
  public static Sample sample(String key) {
    Sha256 digest = Sha256.ofText(key);
    return new Sample(
        key,
        "shard-00000.tar",
        512,
        1,
        digest,
        8,
        8,
        "l",
        "c",
        key,
        false,
        "test",
        "free",
        "",
        "all");
  }

  /** Flips a byte of the stored object with this content. */
  public void damage(Sha256 content) throws IOException {
    Path root = folder.resolve("objects");
    try (Stream<Path> files = Files.walk(root)) {
      Path object =
          files
              .filter(file -> file.getFileName().toString().startsWith(content.hex()))
              .findFirst()
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(object);
      bytes[0] ^= 1;
      Files.write(object, bytes);
    }
  }

  /** As retention does, without asking a policy. */
  public void expire(Sha256 checkpoint) {
    database.inTransaction(
        handle ->
            handle.execute(
                "UPDATE checkpoint SET state = 'EXPIRED' WHERE id = ?", checkpoint.hex()));
  }

  @Override
  public void close() {
    workbench.datasets().close();
    database.close();
  }
}
