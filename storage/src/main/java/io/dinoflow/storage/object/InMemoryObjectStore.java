package io.dinoflow.storage.object;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/** Objects in memory: a true object store, for the tests of whoever needs one. */
public final class InMemoryObjectStore implements ObjectStore {
  private final ConcurrentNavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

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
    return objects.putIfAbsent(Keys.checked(key), bytes.clone()) == null
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
    byte[] bytes = objects.get(Keys.checked(key));
    if (bytes == null) {
      throw new ObjectMissingException(key);
    }
    return bytes;
  }

  @Override
  public OptionalLong size(String key) {
    byte[] bytes = objects.get(Keys.checked(key));
    return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.length);
  }

  @Override
  public Stream<Entry> list(String prefix) {
    return objects.tailMap(prefix, true).entrySet().stream()
        .takeWhile(e -> e.getKey().startsWith(prefix))
        .map(e -> new Entry(e.getKey(), e.getValue().length));
  }

  @Override
  public void delete(String key) {
    objects.remove(Keys.checked(key));
  }

  @Override
  public void close() {
    // memory goes with the object
  }
}
