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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds objects that no row knows: what a writer put after its announcement had been collected, or
 * a collector left that died between row and object.
 *
 * <p>A generation is drawn in the transaction that makes its row, before the upload, and is never
 * drawn twice. So an object seen first and looked up in the rows afterwards, and not found there,
 * can never be named again: deleting it is safe whatever its age. The age is asked for all the
 * same, because a wrongly configured bucket, shared with another database, is not.
 *
 * <p>A file server that is killed amid an upload may leave what it had under a name of its own,
 * which S3Proxy lists as an object: those go by their age alone.
 */
public final class OrphanSweep {
  private static final int BATCH = 1000;

  /** A blob's key, then what S3Proxy appends while it writes. */
  private static final Pattern HALF =
      Pattern.compile("(.+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

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
   * @param halves what a killed server left of uploads, older than was asked
   */
  public record Found(long seen, List<Doomed> orphans, List<ObjectStore.Entry> halves) {
    public Found {
      orphans = List.copyOf(orphans);
      halves = List.copyOf(halves);
    }

    /** How much the orphans are. */
    public Tally tally() {
      return with(Doomed.tally(orphans), halves);
    }

    private static Tally with(Tally tally, List<ObjectStore.Entry> more) {
      return new Tally(
          tally.blobs() + more.size(),
          tally.bytes() + more.stream().mapToLong(ObjectStore.Entry::bytes).sum());
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
    List<ObjectStore.Entry> halves = found.halves().stream().limit(limit - chosen.size()).toList();
    halves.forEach(half -> objects.delete(half.key()));
    return Found.with(Doomed.tally(chosen), halves);
  }

  /** Looks up a thousand at a time. */
  private final class Lookup {
    private final Instant before;
    private final Map<BlobVersion, ObjectStore.Entry> batch = new HashMap<>();
    private final List<Doomed> orphans = new ArrayList<>();
    private final List<ObjectStore.Entry> halves = new ArrayList<>();
    private long seen;

    Lookup(Instant before) {
      this.before = before;
    }

    void add(ObjectStore.Entry entry) {
      BlobVersion.ofKey(entry.key()).ifPresent(version -> batch.put(version, entry));
      if (isHalf(entry.key()) && entry.modifiedAt().isBefore(before)) {
        halves.add(entry);
      }
      if (batch.size() == BATCH) {
        look();
      }
    }

    private static boolean isHalf(String key) {
      Matcher half = HALF.matcher(key);
      return half.matches() && BlobVersion.ofKey(half.group(1)).isPresent();
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
          seen, orphans.stream().sorted(Comparator.comparing(Doomed::version)).toList(), halves);
    }
  }
}
