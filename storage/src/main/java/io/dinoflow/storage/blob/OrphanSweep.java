package io.dinoflow.storage.blob;

import io.dinoflow.storage.blob.BlobTable.Doomed;
import io.dinoflow.storage.blob.BlobTable.Tally;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.object.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds objects that no row knows: what a writer put after its announcement had been collected, or
 * a collector left that died between row and object.
 *
 * <p>A generation is drawn in the transaction that makes its row, before the upload, and is never
 * drawn twice. So an object seen first and looked up in the rows afterwards, and not found there,
 * can never be named again: deleting it is safe whatever its age. The age is asked for all the
 * same, because a wrongly configured bucket, shared with another database, is not.
 */
public final class OrphanSweep {
  private static final int BATCH = 1000;

  private final Database database;
  private final ObjectStore objects;

  public OrphanSweep(Database database, ObjectStore objects) {
    this.database = database;
    this.objects = objects;
  }

  /**
   * What was found.
   *
   * @param seen objects that look like ours
   * @param orphans those without a row, older than was asked
   */
  public record Found(long seen, List<Doomed> orphans) {
    public Found {
      orphans = List.copyOf(orphans);
    }

    /** How much the orphans are. */
    public Tally tally() {
      return Doomed.tally(orphans);
    }
  }

  /** Lists the orphans written before {@code before}; deletes nothing. */
  public Found find(Instant before) {
    Lookup lookup = new Lookup(before);
    try (Stream<ObjectStore.Entry> entries = objects.list(BlobVersion.ROOT)) {
      entries.forEach(lookup::add);
    }
    return lookup.end();
  }

  /** Deletes found orphans, {@code limit} at most; returns how many. */
  public Tally delete(Found found, int limit) {
    List<Doomed> chosen = found.orphans().stream().limit(limit).toList();
    chosen.forEach(orphan -> objects.delete(orphan.version().key()));
    return Doomed.tally(chosen);
  }

  /** Looks up a thousand at a time. */
  private final class Lookup {
    private final Instant before;
    private final Map<BlobVersion, ObjectStore.Entry> batch = new HashMap<>();
    private final List<Doomed> orphans = new ArrayList<>();
    private long seen;

    Lookup(Instant before) {
      this.before = before;
    }

    void add(ObjectStore.Entry entry) {
      BlobVersion.ofKey(entry.key()).ifPresent(version -> batch.put(version, entry));
      if (batch.size() == BATCH) {
        look();
      }
    }

    private void look() {
      Set<BlobVersion> known = database.read(handle -> BlobTable.known(handle, batch.keySet()));
      seen += batch.size();
      batch.forEach(
          (version, entry) -> {
            if (!known.contains(version) && entry.modifiedAt().isBefore(before)) {
              orphans.add(new Doomed(version, entry.bytes()));
            }
          });
      batch.clear();
    }

    Found end() {
      look();
      return new Found(
          seen, orphans.stream().sorted(Comparator.comparing(Doomed::version)).toList());
    }
  }
}
