package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.blob.BlobVersion;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.object.ObjectMissingException;
import io.dinoflow.storage.object.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks a whole installation against what the commit protocol promises, from the outside: by what
 * the tables and the bucket hold, not by how they came to hold it.
 *
 * <p>It reads only, but for {@link #endLeases}. While others write it may name what they are just
 * making; ask when nothing runs.
 */
public final class Audit {
  private static final int BUFFER_BYTES = 1 << 16;

  /** What must never be found, and the words for it; {@code what} names the place. */
  private record Rule(String broken, String sql) {}

  private static final List<Rule> CHAINS =
      List.of(
          new Rule(
              "is committed more than once at one step",
              """
              SELECT track || '@' || step AS what FROM checkpoint WHERE state = 'COMMITTED'
              GROUP BY track, step HAVING count(*) > 1
              """),
          new Rule(
              "has a parent of another track, a later step or a higher fence",
              """
              SELECT c.track || '@' || c.step AS what
              FROM checkpoint c JOIN checkpoint p ON p.id = c.parent
              WHERE p.track <> c.track OR p.step >= c.step OR p.fence > c.fence
              """),
          new Rule(
              "has two committed successors",
              """
              SELECT p.track || '@' || p.step AS what
              FROM checkpoint c JOIN checkpoint p ON p.id = c.parent WHERE c.state = 'COMMITTED'
              GROUP BY p.id, p.track, p.step HAVING count(*) > 1
              """),
          new Rule(
              "has two beginnings",
              """
              SELECT track AS what FROM checkpoint WHERE parent IS NULL AND state <> 'CORRUPT'
              GROUP BY track HAVING count(*) > 1
              """),
          new Rule(
              "was made under a fence that its track never gave out",
              """
              SELECT c.track || '@' || c.step AS what
              FROM checkpoint c JOIN track t ON t.id = c.track WHERE c.fence > t.fence
              """),
          new Rule(
              "does not stand at its last committed checkpoint",
              """
              SELECT t.id AS what FROM track t LEFT JOIN checkpoint h ON h.id = t.head
              WHERE coalesce(h.step, -1) <>
                  (SELECT coalesce(max(c.step), -1) FROM checkpoint c
                   WHERE c.track = t.id AND c.state = 'COMMITTED')
              """));

  private static final List<Rule> LINEAGE =
      List.of(
          new Rule(
              "is named by lineage as an artifact, but was not committed",
              """
              SELECT a.kind || ' ' || a.id AS what FROM artifact a
              WHERE NOT EXISTS (SELECT 1 FROM artifact_file f WHERE f.artifact = a.id)
                 OR (a.kind = 'CHECKPOINT'
                     AND NOT EXISTS (SELECT 1 FROM checkpoint c WHERE c.id = a.id))
              """),
          new Rule(
              "has a parent in the chain that lineage has no edge to",
              """
              SELECT c.track || '@' || c.step AS what FROM checkpoint c
              WHERE c.parent IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM edge e
                WHERE e.from_id = c.id AND e.kind = 'PARENT' AND e.to_id = c.parent)
              """),
          new Rule(
              "is kept, but not every file of it is held",
              """
              SELECT a.kind || ' ' || a.id AS what FROM artifact a
              LEFT JOIN checkpoint c ON c.id = a.id
              WHERE coalesce(c.state, 'COMMITTED') = 'COMMITTED' AND EXISTS (
                SELECT 1 FROM artifact_file f
                LEFT JOIN blob_reference r ON r.artifact = a.id AND r.sha256 = f.sha256
                LEFT JOIN blob b ON b.sha256 = f.sha256 AND b.state = 'LIVE'
                WHERE f.artifact = a.id AND (r.sha256 IS NULL OR b.sha256 IS NULL))
              """),
          new Rule(
              "is named as a result, but is no artifact",
              """
              SELECT s.run || '/' || s.name AS what
              FROM stage s CROSS JOIN LATERAL unnest(s.outputs) AS o (id)
              WHERE NOT EXISTS (SELECT 1 FROM artifact a WHERE a.id = o.id)
              """));

  private final Database database;
  private final ObjectStore objects;

  public Audit(Database database, ObjectStore objects) {
    this.database = database;
    this.objects = objects;
  }

  /** What is wrong with fences, parents and heads: nothing, if no two workers ever made a step. */
  public List<String> chains() {
    return broken(CHAINS);
  }

  /** Where lineage and what was committed disagree. */
  public List<String> lineage() {
    return broken(LINEAGE);
  }

  private List<String> broken(List<Rule> rules) {
    List<String> found = new ArrayList<>();
    for (Rule rule : rules) {
      database
          .read(handle -> handle.createQuery(rule.sql()).mapTo(String.class).list())
          .forEach(what -> found.add(what + " " + rule.broken()));
    }
    return List.copyOf(found);
  }

  /** Reads every held object back and hashes it; what is wrong, by the blob's digest. */
  public Map<Sha256, String> damages() {
    Map<Sha256, String> damaged = new HashMap<>();
    for (BlobVersion version :
        versions(
            """
            SELECT sha256, gen FROM blob b WHERE b.state = 'LIVE'
              AND EXISTS (SELECT 1 FROM blob_reference r WHERE r.sha256 = b.sha256)
            """)) {
      damage(version).ifPresent(text -> damaged.put(version.sha256(), text));
    }
    return damaged;
  }

  private Optional<String> damage(BlobVersion version) {
    MessageDigest digest = Sha256.newDigest();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = objects.open(version.key())) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    } catch (ObjectMissingException e) {
      return Optional.of("no object under " + version.key());
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + version.key() + " broke off", e);
    }
    Sha256 found = Sha256.ofDigest(digest.digest());
    return found.equals(version.sha256())
        ? Optional.empty()
        : Optional.of("the digest of %s is %s".formatted(version.key(), found));
  }

  /** Objects that no artifact names. */
  public List<String> unnamed() {
    Set<String> named = new HashSet<>();
    versions(
            """
            SELECT sha256, gen FROM blob b
            WHERE EXISTS (SELECT 1 FROM blob_reference r WHERE r.sha256 = b.sha256)
            """)
        .forEach(version -> named.add(version.key()));
    try (Stream<ObjectStore.Entry> entries = objects.list("")) {
      return entries.map(ObjectStore.Entry::key).filter(key -> !named.contains(key)).toList();
    }
  }

  /** The files of a checkpoint that no other artifact has, by name. */
  public Map<String, BlobVersion> ownFiles(Sha256 checkpoint) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT f.name, b.sha256, b.gen
                    FROM artifact_file f JOIN blob b ON b.sha256 = f.sha256
                    WHERE f.artifact = :id AND b.state = 'LIVE' AND NOT EXISTS (
                      SELECT 1 FROM artifact_file o
                      WHERE o.sha256 = f.sha256 AND o.artifact <> f.artifact)
                    """)
                .bind("id", checkpoint.hex())
                .reduceRows(
                    new HashMap<String, BlobVersion>(),
                    (files, row) -> {
                      files.put(
                          row.getColumn("name", String.class),
                          new BlobVersion(
                              new Sha256(row.getColumn("sha256", String.class)),
                              row.getColumn("gen", Long.class)));
                      return files;
                    }));
  }

  /** Ends every lease, for a collection at a time when surely nobody uploads. */
  public void endLeases() {
    database.inTransaction(
        handle -> handle.execute("UPDATE blob SET lease_until = now() - interval '1 second'"));
  }

  private List<BlobVersion> versions(String sql) {
    return database.read(
        handle ->
            handle
                .createQuery(sql)
                .map(
                    (row, context) ->
                        new BlobVersion(new Sha256(row.getString("sha256")), row.getLong("gen")))
                .list());
  }
}
