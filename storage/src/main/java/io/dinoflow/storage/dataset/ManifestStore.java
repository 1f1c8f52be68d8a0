package io.dinoflow.storage.dataset;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sample;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes and reads dataset manifests. Equal samples give equal bytes, so a manifest's digest names
 * its content. Stateless and thread-safe.
 */
public final class ManifestStore {
  /** The name of a manifest within its dataset. */
  public static final String FILE_NAME = "manifest.parquet";

  /**
   * Writes {@code samples} in their order.
   *
   * @return the file under the name {@value #FILE_NAME}
   */
  public BlobFile write(List<Sample> samples, Path file) {
    throw new IllegalStateException("lands with the tables: " + samples.size() + file);
  }

  /** Reads a manifest in its order. */
  public List<Sample> read(Path file) {
    throw new IllegalStateException("lands with the tables: " + file);
  }
}
