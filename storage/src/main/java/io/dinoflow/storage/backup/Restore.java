package io.dinoflow.storage.backup;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.backup.BackupIndex.NoBackupException;
import io.dinoflow.storage.backup.BackupIndex.ObjectCopy;
import io.dinoflow.storage.backup.BackupIndex.SequenceCopy;
import io.dinoflow.storage.backup.BackupIndex.TableCopy;
import io.dinoflow.storage.blob.BlobVersion;
import io.dinoflow.storage.checkpoint.Scrub;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.jdbc.DatabaseUnavailableException;
import io.dinoflow.storage.object.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.postgresql.PGConnection;

/**
 * Brings a backup into an empty database and an empty bucket.
 *
 * <p>Objects first, each verified by its digest; then all rows in one transaction; then everything
 * is read back. Interrupted anywhere it can be repeated: until the last moment the database is
 * empty.
 */
public final class Restore {
  private static final List<String> MUST_BE_EMPTY = List.of("run", "artifact", "blob");

  private final Database database;
  private final ObjectStore objects;

  public Restore(Database database, ObjectStore objects) {
    this.database = database;
    this.objects = objects;
  }

  /**
   * What came back.
   *
   * @param readBack every object, read after everything was there
   */
  public record Restored(BackupIndex index, Scrub.Round readBack) {}

  /**
   * @throws NoBackupException the folder is no backup, a file of it is not what was written, or
   *     database or bucket are not empty; nothing was changed in the database
   * @throws IOException the local disk failed
   */
  public Restored from(Path folder, Consumer<String> progress) throws IOException {
    BackupIndex index = BackupIndex.read(folder);
    try (Connection connection = database.dataSource().getConnection()) {
      Tables tables = new Tables(connection);
      checkEmpty(index, tables);
      checkTables(index, folder);
      upload(index, folder, progress);
      load(connection, tables, index, folder);
    } catch (SQLException e) {
      throw new DatabaseUnavailableException("the restore broke off: " + e.getMessage(), e);
    }
    progress.accept("%d rows; reading everything back".formatted(index.rows()));
    return new Restored(index, new Scrub(database, objects).run(Long.MAX_VALUE, file -> {}));
  }

  private void checkEmpty(BackupIndex index, Tables tables) throws SQLException {
    int here = Integer.parseInt(tables.schema());
    if (Integer.parseInt(index.schema()) > here) {
      throw new NoBackupException(
          "the backup has tables of migration %s, this version knows %d: restore it with the version that made it"
              .formatted(index.schema(), here));
    }
    List<String> full = new ArrayList<>();
    for (String table : MUST_BE_EMPTY) {
      if (!tables.isEmpty(table)) {
        full.add(table);
      }
    }
    if (!full.isEmpty()) {
      throw new NoBackupException(
          "the database is not empty: there are rows in %s; restore into a new home, or a new database"
              .formatted(String.join(", ", full)));
    }
    Set<String> ours = new HashSet<>();
    index.objects().forEach(object -> ours.add(key(object)));
    try (Stream<ObjectStore.Entry> entries = objects.list(BlobVersion.ROOT)) {
      entries
          .map(ObjectStore.Entry::key)
          .filter(key -> !ours.contains(key))
          .findFirst()
          .ifPresent(
              key -> {
                throw new NoBackupException(
                    "the bucket is not empty: it holds %s; restore into a new home, or a new bucket"
                        .formatted(key));
              });
    }
  }

  private static String key(ObjectCopy object) {
    return new BlobVersion(object.sha256(), object.gen()).key();
  }

  private static void checkTables(BackupIndex index, Path folder) throws IOException {
    for (TableCopy table : index.tables()) {
      check(table.file(folder), table.sha256());
    }
  }

  private static void check(Path file, Sha256 expected) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoBackupException(file + " of the backup is missing");
    }
    MessageDigest digest = Sha256.newDigest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    Sha256 found = Sha256.ofDigest(digest.digest());
    if (!found.equals(expected)) {
      throw new NoBackupException(
          "%s of the backup is damaged: its digest is %s, %s was written"
              .formatted(file, found.shortForm(), expected.shortForm()));
    }
  }

  private void upload(BackupIndex index, Path folder, Consumer<String> progress)
      throws IOException {
    int done = 0;
    for (ObjectCopy object : index.objects()) {
      Path file = object.file(folder);
      check(file, object.sha256());
      objects.putIfAbsent(key(object), file);
      if (++done % 100 == 0) {
        progress.accept("%d of %d objects".formatted(done, index.objects().size()));
      }
    }
  }

  /** Keys between tables go and come back in the same transaction, so that order is no matter. */
  private static void load(Connection connection, Tables tables, BackupIndex index, Path folder)
      throws SQLException, IOException {
    connection.setAutoCommit(false);
    try {
      tables.execute("SET LOCAL statement_timeout = 0");
      List<Tables.ForeignKey> keys = tables.foreignKeys();
      for (Tables.ForeignKey key : keys) {
        tables.execute("ALTER TABLE %s DROP CONSTRAINT %s".formatted(key.table(), key.name()));
      }
      for (TableCopy table : index.tables()) {
        tables.execute("DELETE FROM " + table.name());
        try (InputStream in = Files.newInputStream(table.file(folder))) {
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn(
                  "COPY %s (%s) FROM STDIN"
                      .formatted(table.name(), String.join(", ", table.columns())),
                  in);
        }
      }
      tables.execute(
          """
          DELETE FROM blob b
          WHERE NOT EXISTS (SELECT 1 FROM blob_reference r WHERE r.sha256 = b.sha256)
          """);
      tables.execute("UPDATE blob SET verified_at = NULL");
      for (Tables.ForeignKey key : keys) {
        tables.execute(
            "ALTER TABLE %s ADD CONSTRAINT %s %s"
                .formatted(key.table(), key.name(), key.definition()));
      }
      for (SequenceCopy sequence : index.sequences()) {
        tables.execute(
            "SELECT setval('%s', %d, %s)"
                .formatted(sequence.name(), sequence.lastValue(), sequence.called()));
      }
      connection.commit();
    } catch (SQLException | IOException | RuntimeException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }
}
