package io.dinoflow.activity.support;

import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.ShardSource;
import io.dinoflow.model.data.UnusableDatasetException;
import io.dinoflow.storage.artifact.ArtifactManifest;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.dataset.ManifestStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Datasets on the local disk, fetched once for all processes of the machine and verified before
 * they are handed out. A folder is named by the dataset's version, which is the digest of its
 * content, so it never gets old.
 *
 * <p>Shards that are announced come on threads of their own, a few at a time. One that fails there
 * is tried again, and fails, where it is asked for.
 */
public final class DatasetCache implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetCache.class);

  /** Shards on their way at a time, beside one that a step waits for. */
  private static final int READERS = 4;

  private static final long CLOSE_SECONDS_MAX = 60;

  private final ArtifactStore artifacts;
  private final ManifestStore manifests;
  private final Path root;
  private final Map<String, Path> verified = new ConcurrentHashMap<>();
  private final Map<String, Object> doors = new ConcurrentHashMap<>();
  private final Set<String> coming = ConcurrentHashMap.newKeySet();
  private final ThreadPoolExecutor readers =
      new ThreadPoolExecutor(
          READERS,
          READERS,
          1,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          DatasetCache::reader,
          // announced after the end: whoever asks for it fetches it
          new ThreadPoolExecutor.DiscardPolicy());

  public DatasetCache(ArtifactStore artifacts, ManifestStore manifests, Path root) {
    this.artifacts = artifacts;
    this.manifests = manifests;
    this.root = root;
    readers.allowCoreThreadTimeOut(true);
  }

  private static Thread reader(Runnable task) {
    Thread thread = new Thread(task, "shards");
    thread.setDaemon(true);
    return thread;
  }

  /** The dataset's samples; its shards come when they are asked for. */
  public Dataset open(DatasetRef dataset) throws IOException {
    Shards shards = new Shards(dataset.version());
    return new Dataset(manifests.read(shards.local(ManifestStore.FILE_NAME)), shards);
  }

  /** No shard comes ahead any more; returns when none is on its way. */
  @Override
  public void close() {
    readers.shutdownNow();
    try {
      if (!readers.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
        LOG.warn("shards are still on their way to {} after {} s", root, CLOSE_SECONDS_MAX);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Shards implements ShardSource {
    private final Sha256 version;
    private @Nullable ArtifactManifest contents;

    Shards(Sha256 version) {
      this.version = version;
    }

    /** Read once, with the first file that is not here yet. */
    private synchronized ArtifactManifest contents() {
      ArtifactManifest read = contents == null ? artifacts.manifest(version) : contents;
      contents = read;
      return read;
    }

    @Override
    public Path local(String shard) throws IOException {
      return file(this, shard);
    }

    @Override
    public void soon(List<String> shards) {
      for (String shard : shards) {
        String key = key(version, shard);
        if (!verified.containsKey(key) && coming.add(key)) {
          readers.execute(() -> ahead(shard, key));
        }
      }
    }

    private void ahead(String shard, String key) {
      try {
        local(shard);
      } catch (IOException | RuntimeException e) {
        LOG.info("shard {} did not come ahead of its step: {}", shard, e.getMessage());
      } finally {
        coming.remove(key);
      }
    }
  }

  private static String key(Sha256 artifact, String name) {
    return artifact + "/" + name;
  }

  /**
   * A file of this machine's own beside the dataset, such as descriptors that were computed from
   * it: it may be missing at any time.
   */
  public Path beside(DatasetRef dataset, String name) throws IOException {
    return Files.createDirectories(root.resolve(dataset.version().hex() + ".local")).resolve(name);
  }

  private Path file(Shards dataset, String name) throws IOException {
    String key = key(dataset.version, name);
    Optional<Path> known = known(key);
    if (known.isPresent()) {
      return known.get();
    }
    synchronized (doors.computeIfAbsent(key, unseen -> new Object())) {
      // it may have come while this thread stood at the door
      Optional<Path> come = known(key);
      return come.isPresent() ? come.get() : fetch(dataset, name);
    }
  }

  private Optional<Path> known(String key) {
    return Optional.ofNullable(verified.get(key)).filter(Files::exists);
  }

  /** A file once at a time: threads wait at its door, processes for its lock. */
  private Path fetch(Shards dataset, String name) throws IOException {
    Sha256 artifact = dataset.version;
    Path folder = Files.createDirectories(root.resolve(artifact.hex()));
    Path lockFile = root.resolve(artifact.hex() + ".locks").resolve(name);
    Files.createDirectories(lockFile.toAbsolutePath().getParent());
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      Path file = artifacts.fetch(dataset.contents(), name::equals, folder).get(name);
      if (file == null) {
        throw new UnusableDatasetException(
            "dataset %s has no file %s".formatted(artifact.shortForm(), name));
      }
      verified.put(key(artifact, name), file);
      return file;
    }
  }
}
