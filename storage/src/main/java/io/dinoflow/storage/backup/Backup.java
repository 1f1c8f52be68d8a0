package io.dinoflow.storage.backup;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.backup.BackupIndex.ObjectCopy;
import io.dinoflow.storage.backup.BackupIndex.SequenceCopy;
import io.dinoflow.storage.backup.BackupIndex.TableCopy;
import io.dinoflow.storage.blob.BlobStore;
import io.dinoflow.storage.blob.BlobTable;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.jdbc.DatabaseUnavailableException;
import io.dinoflow.storage.object.ObjectStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.postgresql.PGConnection;

/**
 * Copies everything into a folder while runs go on.
 *
 * <p>First the rows, in one REPEATABLE READ transaction; then the objects those rows hold, each
 * verified by its digest. From before the first until after the last no collector condemns
 * anything, so that what the rows name is there to be copied. A folder that holds an older backup
 * is brought up to date: bytes that lie there already are kept.
 */
public final class Backup {
  private final Database database;
  private final BlobStore blobs;

  public Backup(Database database, ObjectStore objects) {
    this.database = database;
    this.blobs = new BlobStore(database, objects);
  }

  /**
   * @param folder empty, not there yet, or an older backup
   * @param progress told what is done, now and then
   * @throws IOException the local disk failed
   */
  public BackupIndex into(Path folder, Consumer<String> progress) throws IOException {
    Files.createDirectories(folder.resolve("database"));
    try (Connection connection = database.dataSource().getConnection()) {
      Tables tables = new Tables(connection);
      tables.execute("SELECT pg_advisory_lock(%d)".formatted(BlobTable.BACKUP_LOCK));
      try {
        return underLock(connection, tables, folder, progress);
      } finally {
        tables.execute("SELECT pg_advisory_unlock(%d)".formatted(BlobTable.BACKUP_LOCK));
      }
    } catch (SQLException e) {
      throw new DatabaseUnavailableException("the backup broke off: " + e.getMessage(), e);
    }
  }

  private BackupIndex underLock(
      Connection connection, Tables tables, Path folder, Consumer<String> progress)
      throws SQLException, IOException {
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setReadOnly(true);
    List<TableCopy> copies = new ArrayList<>();
    String at;
    String schema;
    List<SequenceCopy> sequences;
    List<ObjectCopy> held;
    try {
      tables.execute("SET LOCAL statement_timeout = 0");
      at = tables.text("SELECT now()::text");
      schema = tables.schema();
      for (String table : tables.names()) {
        copies.add(copy(connection, tables, table, folder));
      }
      sequences = tables.sequences();
      held = held(connection);
    } finally {
      connection.rollback();
      connection.setReadOnly(false);
      connection.setAutoCommit(true);
    }
    progress.accept("%d tables".formatted(copies.size()));
    List<ObjectCopy> copied = new ArrayList<>();
    List<String> damaged = new ArrayList<>();
    for (ObjectCopy object : held) {
      FileEntry file = new FileEntry("blob", object.sha256(), object.bytes());
      try {
        blobs.fetch(file, object.file(folder));
        copied.add(object);
      } catch (DamagedBlobException e) {
        damaged.add(object.sha256() + ": " + e.finding());
      }
      if ((copied.size() + damaged.size()) % 100 == 0) {
        progress.accept("%d of %d objects".formatted(copied.size(), held.size()));
      }
    }
    // a lock that went with a broken connection has protected nothing
    tables.text("SELECT 'still there'");
    BackupIndex index =
        new BackupIndex(BackupIndex.FORMAT, at, schema, copies, sequences, copied, damaged);
    index.write(folder);
    return index;
  }

  private static TableCopy copy(Connection connection, Tables tables, String table, Path folder)
      throws SQLException, IOException {
    List<String> columns = tables.columns(table);
    TableCopy unfinished = new TableCopy(table, columns, 0, Sha256.ofText(""));
    MessageDigest digest = Sha256.newDigest();
    long rows;
    try (OutputStream out =
        new DigestOutputStream(Files.newOutputStream(unfinished.file(folder)), digest)) {
      rows =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut("COPY %s (%s) TO STDOUT".formatted(table, String.join(", ", columns)), out);
    }
    return new TableCopy(table, columns, rows, Sha256.ofDigest(digest.digest()));
  }

  private static List<ObjectCopy> held(Connection connection) throws SQLException {
    List<ObjectCopy> held = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT b.sha256, b.gen, b.bytes FROM blob b
                WHERE b.state = 'LIVE'
                  AND EXISTS (SELECT 1 FROM blob_reference r WHERE r.sha256 = b.sha256)
                ORDER BY b.sha256
                """)) {
      while (rows.next()) {
        held.add(
            new ObjectCopy(
                new Sha256(rows.getString("sha256")), rows.getLong("gen"), rows.getLong("bytes")));
      }
    }
    return held;
  }
}
