package io.dinoflow.activity.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Temporary folders, one an attempt, under a folder of this process. What processes that died left
 * behind is removed at the start.
 */
public final class Scratch {
  private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);

  private final Path own;
  private final AtomicLong next = new AtomicLong();

  private Scratch(Path own) {
    this.own = own;
  }

  /** Sweeps {@code root} and makes this process's folder in it. */
  public static Scratch under(Path root) {
    try {
      Files.createDirectories(root);
      try (Stream<Path> folders = Files.list(root)) {
        for (Path folder : folders.toList()) {
          if (!isAlive(folder)) {
            delete(folder);
          }
        }
      }
      Path own = root.resolve(nameOf(ProcessHandle.current()));
      Files.createDirectories(own);
      return new Scratch(own);
    } catch (IOException e) {
      throw new UncheckedIOException("scratch folder " + root + " cannot be prepared", e);
    }
  }

  /** A fresh empty folder; closing it removes it. */
  public Folder folder(String purpose) throws IOException {
    Path path = own.resolve(next.incrementAndGet() + "-" + purpose.replaceAll("[^a-z0-9_-]", "_"));
    delete(path);
    return new Folder(Files.createDirectories(path));
  }

  /** A temporary folder. */
  public record Folder(Path path) implements AutoCloseable {
    @Override
    public void close() {
      try {
        delete(path);
      } catch (IOException e) {
        LOG.warn("{} stays until the next start: {}", path, e.toString());
      }
    }
  }

  /** Removes a file or a folder with all in it; what is not there is fine. */
  public static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> walk = Files.walk(path)) {
      deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : deepestFirst) {
      Files.deleteIfExists(each);
    }
  }

  /** Pid and start time: a pid alone may be another process's by now. */
  private static String nameOf(ProcessHandle process) {
    long started = process.info().startInstant().map(java.time.Instant::getEpochSecond).orElse(0L);
    return process.pid() + "-" + started;
  }

  private static boolean isAlive(Path folder) {
    String name = folder.getFileName().toString();
    if (!name.matches("[0-9]{1,18}-[0-9]+")) {
      return false;
    }
    Optional<ProcessHandle> process =
        ProcessHandle.of(Long.parseLong(name.substring(0, name.indexOf('-'))));
    return process.isPresent() && nameOf(process.get()).equals(name);
  }
}
