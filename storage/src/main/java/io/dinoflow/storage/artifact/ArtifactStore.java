package io.dinoflow.storage.artifact;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.blob.BlobGoneException;
import io.dinoflow.storage.blob.BlobStore;
import io.dinoflow.storage.blob.BlobTable;
import io.dinoflow.storage.blob.BlobVersion;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.jdbc.TransientSql;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/**
 * Makes artifacts real and gives them back.
 *
 * <p>Committing is idempotent: the id is the digest of the canonical manifest, so the same content
 * has one id, and a second commit uploads nothing and changes nothing. Thread-safe.
 */
public final class ArtifactStore {
  private static final int COMMIT_ATTEMPTS = 3;

  private final Database database;
  private final BlobStore blobs;

  public ArtifactStore(Database database, ObjectStore objects) {
    this.database = database;
    this.blobs = new BlobStore(database, objects);
  }

  /** Uploads the files, then makes the artifact and its edges visible in one transaction. */
  public ArtifactRef commit(ArtifactDraft draft) {
    byte[] manifest = CanonicalJson.bytes(manifestOf(draft));
    Sha256 id = Sha256.of(manifest);
    for (int attempt = 1; ; attempt++) {
      try {
        List<BlobVersion> versions = blobs.upload(distinct(draft.files()));
        versions.add(blobs.upload(BlobStore.MANIFEST_NAME, manifest));
        database.inTransaction(handle -> insert(handle, id, draft, versions));
        return new ArtifactRef(draft.kind(), id);
      } catch (BlobGoneException e) {
        if (attempt == COMMIT_ATTEMPTS) {
          throw e;
        }
      } catch (RuntimeException e) {
        // somebody else commits the same content at once: the second look finds it done
        if (!TransientSql.isDuplicate(e) || attempt == COMMIT_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static ArtifactManifest manifestOf(ArtifactDraft draft) {
    return new ArtifactManifest(
        ArtifactManifest.FORMAT,
        draft.kind(),
        draft.name(),
        draft.files().stream()
            .map(FileEntry::of)
            .sorted(Comparator.comparing(FileEntry::name))
            .toList(),
        draft.facts(),
        draft.edges().stream()
            .sorted(Comparator.comparing(EdgeDraft::kind).thenComparing(EdgeDraft::to))
            .toList());
  }

  private static List<BlobFile> distinct(List<BlobFile> files) {
    Set<Sha256> seen = new HashSet<>();
    return files.stream().filter(file -> seen.add(file.sha256())).toList();
  }

  private static boolean insert(
      Handle handle, Sha256 id, ArtifactDraft draft, List<BlobVersion> versions) {
    if (ArtifactRows.exists(handle, id)) {
      return repair(handle, versions);
    }
    ArtifactRows.insert(handle, id, draft.kind(), draft.name(), draft.madeBy(), draft.facts());
    ArtifactRows.insertFiles(handle, id, draft.files().stream().map(FileEntry::of).toList());
    ArtifactRows.insertEdges(handle, id, draft.edges());
    ArtifactRows.insertMetrics(handle, id, draft.metrics());
    BlobTable.hold(handle, id, versions);
    if (draft.kind() == ArtifactKind.SOURCE || draft.kind() == ArtifactKind.DATASET) {
      handle
          .createUpdate(
              "INSERT INTO dataset (version, name, samples) VALUES (:id, :name, :samples)")
          .bind("id", id.hex())
          .bind("name", draft.name())
          .bind("samples", Long.parseLong(draft.facts().getOrDefault(ArtifactDraft.SAMPLES, "")))
          .execute();
    }
    return true;
  }

  /** Committed before; blobs found damaged since and uploaded anew just now become live again. */
  private static boolean repair(Handle handle, List<BlobVersion> versions) {
    versions.stream().sorted().forEach(version -> BlobTable.revive(handle, version));
    return false;
  }

  /**
   * The artifact's manifest, verified against its id.
   *
   * @throws UnknownIdException no such artifact
   */
  public ArtifactManifest manifest(Sha256 id) {
    if (!database.read(handle -> ArtifactRows.exists(handle, id))) {
      throw new UnknownIdException("no artifact has the id " + id);
    }
    return CanonicalJson.read(blobs.manifest(id), ArtifactManifest.class);
  }

  /**
   * Copies the named files into {@code folder}, verifying size and digest while streaming. A file
   * that lies there already with the right digest is kept.
   *
   * @return local files by name
   * @throws DamagedBlobException a stored file is missing or wrong; committing the same content
   *     again mends it
   * @throws IOException the local disk failed
   */
  public Map<String, Path> fetch(Sha256 id, Predicate<String> names, Path folder)
      throws IOException {
    return fetch(manifest(id), names, folder);
  }

  /** The same of a manifest that was read before: its id names it, so it never gets old. */
  public Map<String, Path> fetch(ArtifactManifest manifest, Predicate<String> names, Path folder)
      throws IOException {
    Files.createDirectories(folder);
    Map<String, Path> local = new TreeMap<>();
    for (FileEntry file : manifest.files()) {
      if (names.test(file.name())) {
        Path target = folder.resolve(file.name());
        try {
          blobs.fetch(file, target);
        } catch (DamagedBlobException e) {
          database.inTransaction(handle -> BlobTable.markDamaged(handle, e));
          throw e;
        }
        local.put(file.name(), target);
      }
    }
    return local;
  }
}
