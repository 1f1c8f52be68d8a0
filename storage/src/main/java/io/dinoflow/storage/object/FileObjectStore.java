package io.dinoflow.storage.object;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Objects as files of a folder on one machine's disk.
 *
 * <p>A file is written beside its place and then linked into it: the link is atomic and refuses a
 * taken name, which a rename would overwrite.
 */
public final class FileObjectStore implements ObjectStore {
  private static final String UNFINISHED = ".unfinished";
  private static final String OBJECT = "object";

  private final Path root;
  private final Path unfinished;

  /**
   * @param root made if it is not there
   */
  public FileObjectStore(Path root) {
    try {
      this.root = Files.createDirectories(root).toRealPath();
      this.unfinished = Files.createDirectories(this.root.resolve(UNFINISHED));
    } catch (IOException e) {
      throw new StoreUnavailableException("cannot use the folder %s: %s".formatted(root, e), e);
    }
  }

  @Override
  public Put putIfAbsent(String key, Path file) {
    return place(key, temporary -> Files.copy(file, temporary));
  }

  @Override
  public Put putIfAbsent(String key, byte[] bytes) {
    return place(key, temporary -> Files.write(temporary, bytes));
  }

  /** Writes a whole object to a file that nobody reads yet. */
  private interface Writer {
    void writeTo(Path temporary) throws IOException;
  }

  private Put place(String key, Writer writer) {
    Path target = path(key);
    try {
      if (Files.exists(target)) {
        return Put.EXISTED;
      }
      Files.createDirectories(target.getParent());
      Path folder = Files.createTempDirectory(unfinished, "put");
      Path temporary = folder.resolve(OBJECT);
      try {
        writer.writeTo(temporary);
        Files.createLink(target, temporary);
        return Put.CREATED;
      } catch (FileAlreadyExistsException e) {
        return Put.EXISTED;
      } finally {
        Files.deleteIfExists(temporary);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new StoreUnavailableException("cannot write %s: %s".formatted(target, e), e);
    }
  }

  @Override
  public InputStream open(String key) {
    try {
      return Files.newInputStream(path(key));
    } catch (NoSuchFileException e) {
      throw new ObjectMissingException(key);
    } catch (IOException e) {
      throw new StoreUnavailableException("cannot read %s: %s".formatted(path(key), e), e);
    }
  }

  @Override
  public InputStream open(String key, long offset, long length) {
    InputStream whole = open(key);
    try {
      whole.skipNBytes(Math.min(offset, Files.size(path(key))));
    } catch (IOException e) {
      throw new StoreUnavailableException("cannot read %s: %s".formatted(path(key), e), e);
    }
    return new BoundedStream(whole, length);
  }

  @Override
  public OptionalLong size(String key) {
    try {
      return OptionalLong.of(Files.size(path(key)));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    } catch (IOException e) {
      throw new StoreUnavailableException("cannot read %s: %s".formatted(path(key), e), e);
    }
  }

  @Override
  public Stream<Entry> list(String prefix) {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> !file.startsWith(unfinished) && Files.isRegularFile(file))
          .map(this::entry)
          .filter(entry -> entry.key().startsWith(prefix))
          .sorted(Comparator.comparing(Entry::key))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new StoreUnavailableException("cannot list %s: %s".formatted(root, e), e);
    }
  }

  private Entry entry(Path file) {
    try {
      return new Entry(
          root.relativize(file).toString().replace('\\', '/'),
          Files.size(file),
          Files.getLastModifiedTime(file).toInstant());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void delete(String key) {
    try {
      Files.deleteIfExists(path(key));
    } catch (IOException e) {
      throw new StoreUnavailableException("cannot delete %s: %s".formatted(path(key), e), e);
    }
  }

  @Override
  public List<Upload> unfinishedUploads(Instant begun) {
    try (Stream<Path> folders = Files.list(unfinished)) {
      List<Upload> uploads = new ArrayList<>();
      for (Path folder : folders.sorted().toList()) {
        Instant at = Files.getLastModifiedTime(folder).toInstant();
        if (at.isBefore(begun)) {
          String name = folder.getFileName().toString();
          uploads.add(new Upload(name, name, at));
        }
      }
      return uploads;
    } catch (IOException e) {
      throw new StoreUnavailableException("cannot list %s: %s".formatted(unfinished, e), e);
    }
  }

  @Override
  public void abort(Upload upload) {
    Path folder = unfinished.resolve(Keys.checked(upload.id()));
    try {
      Files.deleteIfExists(folder.resolve(OBJECT));
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new StoreUnavailableException("cannot delete %s: %s".formatted(folder, e), e);
    }
  }

  private Path path(String key) {
    return root.resolve(Keys.checked(key));
  }

  @Override
  public void close() {
    // nothing is held open between calls
  }
}
