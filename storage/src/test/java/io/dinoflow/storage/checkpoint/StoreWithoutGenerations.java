package io.dinoflow.storage.checkpoint;

import io.dinoflow.storage.object.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Breaks a rule on purpose: every generation of a blob lies under one key. */
final class StoreWithoutGenerations implements ObjectStore {
  private final ObjectStore inner;

  StoreWithoutGenerations(ObjectStore inner) {
    this.inner = inner;
  }

  private static String digestOnly(String key) {
    return key.replaceFirst("\\.\\d+$", "");
  }

  @Override
  public Put putIfAbsent(String key, Path file) {
    return inner.putIfAbsent(digestOnly(key), file);
  }

  @Override
  public Put putIfAbsent(String key, byte[] bytes) {
    return inner.putIfAbsent(digestOnly(key), bytes);
  }

  @Override
  public InputStream open(String key) {
    return inner.open(digestOnly(key));
  }

  @Override
  public InputStream open(String key, long offset, long length) {
    return inner.open(digestOnly(key), offset, length);
  }

  @Override
  public OptionalLong size(String key) {
    return inner.size(digestOnly(key));
  }

  @Override
  public Stream<Entry> list(String prefix) {
    return inner.list(prefix);
  }

  @Override
  public void delete(String key) {
    inner.delete(digestOnly(key));
  }

  @Override
  public List<Upload> unfinishedUploads(Instant begun) {
    return inner.unfinishedUploads(begun);
  }

  @Override
  public void abort(Upload upload) {
    inner.abort(upload);
  }

  @Override
  public void close() throws IOException {
    inner.close();
  }
}
