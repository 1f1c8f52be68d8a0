package io.dinoflow.storage.blob;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.object.ObjectMissingException;
import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.object.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Uploads before a commit and verified downloads after it. Thread-safe and safe to repeat.
 *
 * <p>Digests are checked at both ends: before a file is uploaded, because it may have changed since
 * it was hashed, and on every byte that is read.
 */
public final class BlobStore {
  /** A lease outlives its upload at this rate, plus an hour. */
  private static final long SLOWEST_BYTES_PER_SECOND = 1 << 20;

  private static final long LEASE_SECONDS = 3600;

  /** What a manifest is called where a file name is wanted. */
  public static final String MANIFEST_NAME = "manifest.json";

  private static final int READ_ATTEMPTS = 3;
  private static final int BUFFER_BYTES = 1 << 18;

  private final Database database;
  private final ObjectStore objects;
  private final long leaseSeconds;

  public BlobStore(Database database, ObjectStore objects) {
    this(database, objects, LEASE_SECONDS);
  }

  /** With another lease, down to 0; for tests of the collector. */
  public BlobStore(Database database, ObjectStore objects, long leaseSeconds) {
    this.database = database;
    this.objects = objects;
    this.leaseSeconds = leaseSeconds;
  }

  /**
   * Announces the files and uploads those that are not there yet. What it returns is to be held in
   * the transaction that makes them real.
   */
  public List<BlobVersion> upload(List<BlobFile> files) {
    List<BlobVersion> versions = new ArrayList<>();
    for (BlobFile file : files) {
      BlobTable.Intent intent = intend(FileEntry.of(file));
      if (intent.upload()) {
        String key = intent.version().key();
        verifyLocal(file);
        settle(key, file.bytes(), objects.putIfAbsent(key, file.file()));
      }
      versions.add(intent.version());
    }
    return versions;
  }

  /** Like {@link #upload(List)} for one blob held in memory, such as a manifest. */
  public BlobVersion upload(String name, byte[] bytes) {
    BlobTable.Intent intent = intend(new FileEntry(name, Sha256.of(bytes), bytes.length));
    if (intent.upload()) {
      String key = intent.version().key();
      settle(key, bytes.length, objects.putIfAbsent(key, bytes));
    }
    return intent.version();
  }

  private BlobTable.Intent intend(FileEntry file) {
    long lease = leaseSeconds == 0 ? 0 : leaseSeconds + file.bytes() / SLOWEST_BYTES_PER_SECOND;
    return database.inTransaction(handle -> BlobTable.intend(handle, file, lease));
  }

  private static void verifyLocal(BlobFile file) {
    try (InputStream in = Files.newInputStream(file.file())) {
      Copied copied = copy(in, OutputStream.nullOutputStream());
      if (copied.bytes() != file.bytes() || !copied.sha256().equals(file.sha256())) {
        throw new IllegalStateException(
            "%s changed after it was hashed: %d bytes, digest %s expected, %d bytes, digest %s found"
                .formatted(
                    file.file(), file.bytes(), file.sha256(), copied.bytes(), copied.sha256()));
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot read %s, which is to be uploaded: %s".formatted(file.file(), e), e);
    }
  }

  private void settle(String key, long bytes, ObjectStore.Put put) {
    if (put == ObjectStore.Put.EXISTED) {
      OptionalLong found = objects.size(key);
      if (found.isEmpty() || found.getAsLong() != bytes) {
        throw new IllegalStateException(
            "object %s has %s bytes where %d belong: something else writes to this bucket"
                .formatted(key, found.isEmpty() ? "no" : found.getAsLong(), bytes));
      }
    }
  }

  /**
   * Copies a blob to {@code target}, verified. A target that is there with the right digest is
   * kept.
   *
   * @throws DamagedBlobException it is missing or wrong, found twice
   * @throws IOException the local disk failed
   */
  public void fetch(FileEntry file, Path target) throws IOException {
    if (Files.exists(target) && matches(file, target)) {
      return;
    }
    Path folder = Files.createDirectories(target.toAbsolutePath().getParent());
    Path temporary = folder.resolve(target.getFileName() + ".part");
    try {
      readVerified(file, () -> Files.newOutputStream(temporary));
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * Reads a blob whole, keeping nothing of it.
   *
   * @throws DamagedBlobException it is missing or wrong, found twice
   */
  public void verify(FileEntry file) {
    try {
      readVerified(file, OutputStream::nullOutputStream);
    } catch (IOException e) {
      throw new IllegalStateException("nothing is written here, and yet: " + e, e);
    }
  }

  /**
   * A manifest by its id, verified.
   *
   * @throws DamagedBlobException it is missing or wrong, found twice
   */
  public byte[] manifest(Sha256 id) {
    long bytes =
        database.read(
            handle ->
                handle
                    .createQuery("SELECT bytes FROM blob WHERE sha256 = :sha")
                    .bind("sha", id.hex())
                    .mapTo(Long.class)
                    .findOne()
                    .orElse(0L));
    FileEntry file = new FileEntry(MANIFEST_NAME, id, bytes);
    try {
      Path temporary = Files.createTempFile("blob", ".part");
      try {
        readVerified(file, () -> Files.newOutputStream(temporary));
        return Files.readAllBytes(temporary);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot use the folder for temporary files: " + e, e);
    }
  }

  private static boolean matches(FileEntry file, Path local) throws IOException {
    if (Files.size(local) != file.bytes()) {
      return false;
    }
    try (InputStream in = Files.newInputStream(local)) {
      return copy(in, OutputStream.nullOutputStream()).sha256().equals(file.sha256());
    }
  }

  /** Where the bytes go; opened anew for each attempt. */
  private interface Target {
    OutputStream open() throws IOException;
  }

  private void readVerified(FileEntry file, Target target) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Optional<DamagedBlobException> wrong;
      try {
        wrong = readOnce(file, target);
      } catch (BrokenStreamException e) {
        if (attempt == READ_ATTEMPTS) {
          throw new StoreUnavailableException(
              "reading %s broke off %d times: %s".formatted(file.name(), attempt, e.getMessage()),
              e);
        }
        continue;
      }
      if (wrong.isEmpty()) {
        return;
      }
      if (attempt > 1) {
        throw wrong.get();
      }
    }
  }

  /** Returns what is wrong with the stored object, if anything. */
  private Optional<DamagedBlobException> readOnce(FileEntry file, Target target)
      throws IOException {
    Optional<BlobVersion> version = database.read(handle -> BlobTable.live(handle, file.sha256()));
    if (version.isEmpty()) {
      return Optional.of(
          new DamagedBlobException(file, OptionalLong.empty(), "its row is gone or not live"));
    }
    OptionalLong gen = OptionalLong.of(version.get().gen());
    try (InputStream in = objects.open(version.get().key());
        OutputStream out = target.open()) {
      Copied copied = copy(in, out);
      if (copied.bytes() != file.bytes()) {
        return Optional.of(
            new DamagedBlobException(file, gen, "it has %d bytes".formatted(copied.bytes())));
      }
      return copied.sha256().equals(file.sha256())
          ? Optional.empty()
          : Optional.of(new DamagedBlobException(file, gen, "its digest is " + copied.sha256()));
    } catch (ObjectMissingException e) {
      return Optional.of(new DamagedBlobException(file, gen, "no object under " + e.key()));
    }
  }

  private record Copied(long bytes, Sha256 sha256) {}

  /** The source, not the target, failed. */
  private static final class BrokenStreamException extends IOException {
    BrokenStreamException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private static Copied copy(InputStream in, OutputStream out) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    byte[] buffer = new byte[BUFFER_BYTES];
    long bytes = 0;
    while (true) {
      int count;
      try {
        count = in.read(buffer);
      } catch (IOException e) {
        throw new BrokenStreamException(e);
      }
      if (count < 0) {
        return new Copied(bytes, Sha256.ofDigest(digest.digest()));
      }
      digest.update(buffer, 0, count);
      out.write(buffer, 0, count);
      bytes += count;
    }
  }
}
