package io.dinoflow.ops.bench;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.object.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A written state on its way to an object store and back, as the files of a checkpoint go: stored
 * unless there, read through a digest into a file. What it put it deletes, and it closes the store.
 */
final class StoreTurns implements AutoCloseable {
  private final ObjectStore objects;
  private final Path state;
  private final Path back;
  private final String prefix = "bench/" + UUID.randomUUID() + "/";

  /**
   * @param state folder with the files
   * @param back folder that they are read into
   */
  StoreTurns(ObjectStore objects, Path state, Path back) {
    this.objects = objects;
    this.state = state;
    this.back = back;
  }

  /** Seconds to store all files anew. */
  double upload() throws IOException {
    deleteAll();
    List<Path> files = files();
    long started = System.nanoTime();
    for (Path file : files) {
      if (objects.putIfAbsent(key(file), file) != ObjectStore.Put.CREATED) {
        throw new IllegalStateException(key(file) + " was there already");
      }
    }
    return (System.nanoTime() - started) / 1e9;
  }

  /** Seconds to read what was stored last into files, and to hash it. */
  double download() throws IOException {
    Files.createDirectories(back);
    List<Path> files = files();
    long started = System.nanoTime();
    for (Path file : files) {
      Path copy = back.resolve(String.valueOf(file.getFileName()));
      try (InputStream in = new DigestInputStream(objects.open(key(file)), Sha256.newDigest());
          OutputStream out = Files.newOutputStream(copy)) {
        in.transferTo(out);
      }
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    for (Path file : files) {
      if (Files.mismatch(file, back.resolve(String.valueOf(file.getFileName()))) >= 0) {
        throw new IllegalStateException(file + " came back with other bytes");
      }
    }
    return seconds;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(state)) {
      return files.sorted().toList();
    }
  }

  private String key(Path file) {
    return prefix + file.getFileName();
  }

  private void deleteAll() {
    try (Stream<ObjectStore.Entry> stored = objects.list(prefix)) {
      stored.map(ObjectStore.Entry::key).toList().forEach(objects::delete);
    }
  }

  @Override
  public void close() throws IOException {
    try (objects) {
      deleteAll();
    }
  }
}
