package io.dinoflow.storage.artifact;

import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Makes artifacts real and gives them back.
 *
 * <p>Committing is idempotent: the id is the digest of the canonical manifest, so the same content
 * has one id, and a second commit uploads nothing and changes nothing. Thread-safe.
 */
public final class ArtifactStore {
  private final Database database;
  private final ObjectStore objects;

  public ArtifactStore(Database database, ObjectStore objects) {
    this.database = database;
    this.objects = objects;
  }

  /** Uploads the files, then makes the artifact and its edges visible in one transaction. */
  public ArtifactRef commit(ArtifactDraft draft) {
    throw new IllegalStateException("lands with the tables: " + database + objects);
  }

  /** The artifact's manifest, verified against its id. */
  public ArtifactManifest manifest(Sha256 id) {
    throw new IllegalStateException("lands with the tables: " + id);
  }

  /**
   * Copies the named files into {@code folder}, verifying size and digest while streaming. A file
   * that lies there already with the right digest is kept.
   *
   * @return local files by name
   * @throws io.dinoflow.storage.blob.DamagedBlobException a stored file is missing or wrong
   * @throws IOException the local disk failed
   */
  public Map<String, Path> fetch(Sha256 id, Predicate<String> names, Path folder)
      throws IOException {
    throw new IOException("lands with the tables: " + id + names.test("") + folder);
  }
}
