package io.dinoflow.storage.object;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/** Objects in memory: a true object store, for the tests of whoever needs one. */
public final class InMemoryObjectStore implements ObjectStore {
  private final ConcurrentNavigableMap<String, Stored> objects = new ConcurrentSkipListMap<>();

  private record Stored(byte[] bytes, Instant at) {}

  @Override
  public Put putIfAbsent(String key, Path file) {
    try {
      return putIfAbsent(key, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Put putIfAbsent(String key, byte[] bytes) {
    return objects.putIfAbsent(Keys.checked(key), new Stored(bytes.clone(), Instant.now())) == null
        ? Put.CREATED
        : Put.EXISTED;
  }

  @Override
  public InputStream open(String key) {
    return new ByteArrayInputStream(bytes(key));
  }

  @Override
  public InputStream open(String key, long offset, long length) {
    byte[] bytes = bytes(key);
    int from = (int) Math.min(offset, bytes.length);
    return new ByteArrayInputStream(bytes, from, (int) Math.min(length, bytes.length - from));
  }

  private byte[] bytes(String key) {
    Stored stored = objects.get(Keys.checked(key));
    if (stored == null) {
      throw new ObjectMissingException(key);
    }
    return stored.bytes();
  }

  @Override
  public OptionalLong size(String key) {
    Stored stored = objects.get(Keys.checked(key));
    return stored == null ? OptionalLong.empty() : OptionalLong.of(stored.bytes().length);
  }

  @Override
  public Stream<Entry> list(String prefix) {
    return objects.tailMap(prefix, true).entrySet().stream()
        .takeWhile(e -> e.getKey().startsWith(prefix))
        .map(e -> new Entry(e.getKey(), e.getValue().bytes().length, e.getValue().at()));
  }

  @Override
  public void delete(String key) {
    objects.remove(Keys.checked(key));
  }

  /** A put is whole or not at all. */
  @Override
  public List<Upload> unfinishedUploads(Instant begun) {
    return List.of();
  }

  @Override
  public void abort(Upload upload) {
    // there is none
  }

  @Override
  public void close() {
    // memory goes with the object
  }
}
