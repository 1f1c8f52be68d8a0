package io.dinoflow.storage.testing;

import io.dinoflow.storage.object.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** A store that does what another one does, but for what a test changes. */
public class ForwardingStore implements ObjectStore {
  private final ObjectStore inner;

  protected ForwardingStore(ObjectStore inner) {
    this.inner = inner;
  }

  @Override
  public Put putIfAbsent(String key, Path file) {
    return inner.putIfAbsent(key, file);
  }

  @Override
  public Put putIfAbsent(String key, byte[] bytes) {
    return inner.putIfAbsent(key, bytes);
  }

  @Override
  public InputStream open(String key) {
    return inner.open(key);
  }

  @Override
  public InputStream open(String key, long offset, long length) {
    return inner.open(key, offset, length);
  }

  @Override
  public OptionalLong size(String key) {
    return inner.size(key);
  }

  @Override
  public Stream<Entry> list(String prefix) {
    return inner.list(prefix);
  }

  @Override
  public void delete(String key) {
    inner.delete(key);
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
