package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.blob.BlobTable;
import io.dinoflow.storage.blob.BlobTable.Tally;
import io.dinoflow.storage.blob.BlobVersion;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.object.ObjectStore;
import java.util.Collection;
import java.util.List;

/**
 * Deletes the objects of blobs that nothing holds and whose lease ended.
 *
 * <p>First the row says DELETING, then the object goes, then the row: interrupted anywhere, the
 * next collection goes on. Several may run at once, against commits too.
 */
public final class Collector {
  private final Database database;
  private final ObjectStore objects;

  public Collector(Database database, ObjectStore objects) {
    this.database = database;
    this.objects = objects;
  }

  /**
   * @param limit blobs deleted at most; a small one bounds the harm of a mistake
   * @return what was deleted
   */
  public Tally collect(int limit) {
    List<BlobTable.Doomed> doomed = doom(limit);
    delete(doomed.stream().map(BlobTable.Doomed::version).toList());
    return BlobTable.Doomed.tally(doomed);
  }

  /** What could be deleted now if these artifacts, too, held nothing any more. */
  public Tally collectable(Collection<Sha256> released) {
    return database.read(handle -> BlobTable.collectable(handle, released));
  }

  List<BlobTable.Doomed> doom(int limit) {
    return database.inTransaction(handle -> BlobTable.doom(handle, limit));
  }

  void delete(List<BlobVersion> versions) {
    versions.forEach(version -> objects.delete(version.key()));
    database.inTransaction(handle -> BlobTable.forget(handle, versions));
  }
}
