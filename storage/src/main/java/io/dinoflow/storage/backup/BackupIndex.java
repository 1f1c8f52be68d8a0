package io.dinoflow.storage.backup;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.artifact.CanonicalJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What a backup holds; written last, so that a folder without it is no backup.
 *
 * @param at when the rows were read, by the server's clock
 * @param schema the newest migration of the tables
 * @param damaged blobs whose bytes could not be copied, in words
 */
public record BackupIndex(
    String format,
    String at,
    String schema,
    List<TableCopy> tables,
    List<SequenceCopy> sequences,
    List<ObjectCopy> objects,
    List<String> damaged) {
  static final String FORMAT = "dinoflow.backup/1";
  private static final String FILE = "backup.json";

  public BackupIndex {
    tables = List.copyOf(tables);
    sequences = List.copyOf(sequences);
    objects = List.copyOf(objects);
    damaged = List.copyOf(damaged);
  }

  /**
   * A table's rows as PostgreSQL's text COPY writes them, under {@code database/}.
   *
   * @param sha256 of the file
   */
  public record TableCopy(String name, List<String> columns, long rows, Sha256 sha256) {
    public TableCopy {
      columns = List.copyOf(columns);
    }

    Path file(Path folder) {
      return folder.resolve("database").resolve(name + ".copy");
    }
  }

  /** Where a sequence stands. */
  public record SequenceCopy(String name, long lastValue, boolean called) {}

  /** A blob's bytes, under {@code objects/}. */
  public record ObjectCopy(Sha256 sha256, long gen, long bytes) {
    Path file(Path folder) {
      return folder.resolve("objects").resolve(sha256.hex().substring(0, 2)).resolve(sha256.hex());
    }
  }

  /** Rows of all tables. */
  public long rows() {
    return tables.stream().mapToLong(TableCopy::rows).sum();
  }

  /** Bytes of all objects. */
  public long bytes() {
    return objects.stream().mapToLong(ObjectCopy::bytes).sum();
  }

  void write(Path folder) throws IOException {
    Path unfinished = folder.resolve(FILE + ".part");
    Files.write(unfinished, CanonicalJson.bytes(this));
    Files.move(
        unfinished,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * @throws NoBackupException the folder is no finished backup, or of a later version
   */
  public static BackupIndex read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new NoBackupException("%s is no finished backup: it has no %s".formatted(folder, FILE));
    }
    BackupIndex index = CanonicalJson.read(Files.readAllBytes(file), BackupIndex.class);
    if (!FORMAT.equals(index.format())) {
      throw new NoBackupException(
          "%s has format %s, this version reads %s".formatted(file, index.format(), FORMAT));
    }
    return index;
  }

  /** What should be restored, or where to, is not as it must be; nothing was changed. */
  public static final class NoBackupException extends RuntimeException {
    NoBackupException(String message) {
      super(message);
    }
  }
}
