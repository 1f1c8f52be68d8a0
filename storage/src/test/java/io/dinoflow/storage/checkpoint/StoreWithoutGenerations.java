package io.dinoflow.storage.checkpoint;

import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.testing.ForwardingStore;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Breaks a rule on purpose: every generation of a blob lies under one key. */
final class StoreWithoutGenerations extends ForwardingStore {
  StoreWithoutGenerations(ObjectStore inner) {
    super(inner);
  }

  private static String digestOnly(String key) {
    return key.replaceFirst("\\.\\d+$", "");
  }

  @Override
  public Put putIfAbsent(String key, Path file) {
    return super.putIfAbsent(digestOnly(key), file);
  }

  @Override
  public Put putIfAbsent(String key, byte[] bytes) {
    return super.putIfAbsent(digestOnly(key), bytes);
  }

  @Override
  public InputStream open(String key) {
    return super.open(digestOnly(key));
  }

  @Override
  public InputStream open(String key, long offset, long length) {
    return super.open(digestOnly(key), offset, length);
  }

  @Override
  public OptionalLong size(String key) {
    return super.size(digestOnly(key));
  }

  @Override
  public void delete(String key) {
    super.delete(digestOnly(key));
  }
}
