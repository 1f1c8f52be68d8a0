package io.dinoflow.activity.support;

import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.ShardSource;
import io.dinoflow.model.data.UnusableDatasetException;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.dataset.ManifestStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Datasets on the local disk, fetched once for all processes of the machine and verified before
 * they are handed out. A folder is named by the dataset's version, which is the digest of its
 * content, so it never gets old.
 */
public final class DatasetCache {
  private final ArtifactStore artifacts;
  private final ManifestStore manifests;
  private final Path root;
  private final Map<String, Path> verified = new ConcurrentHashMap<>();

  public DatasetCache(ArtifactStore artifacts, ManifestStore manifests, Path root) {
    this.artifacts = artifacts;
    this.manifests = manifests;
    this.root = root;
  }

  /** The dataset's samples; its shards come when they are asked for. */
  public Dataset open(DatasetRef dataset) throws IOException {
    Path manifest = file(dataset.version(), ManifestStore.FILE_NAME);
    ShardSource shards = shard -> file(dataset.version(), shard);
    return new Dataset(manifests.read(manifest), shards);
  }

  /**
   * A file of this machine's own beside the dataset, such as descriptors that were computed from
   * it: it may be missing at any time.
   */
  public Path beside(DatasetRef dataset, String name) throws IOException {
    return Files.createDirectories(root.resolve(dataset.version().hex() + ".local")).resolve(name);
  }

  private Path file(Sha256 artifact, String name) throws IOException {
    Path known = verified.get(artifact + "/" + name);
    if (known != null && Files.exists(known)) {
      return known;
    }
    return fetch(artifact, name);
  }

  /** One at a time: threads wait for the monitor, processes for the file lock. */
  private synchronized Path fetch(Sha256 artifact, String name) throws IOException {
    Path folder = Files.createDirectories(root.resolve(artifact.hex()));
    try (FileChannel channel =
            FileChannel.open(
                root.resolve(artifact.hex() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      Path file = artifacts.fetch(artifact, name::equals, folder).get(name);
      if (file == null) {
        throw new UnusableDatasetException(
            "dataset %s has no file %s".formatted(artifact.shortForm(), name));
      }
      verified.put(artifact + "/" + name, file);
      return file;
    }
  }
}
