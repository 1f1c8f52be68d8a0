package io.dinoflow.storage.object;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Immutable objects under keys.
 *
 * <p>Keys are relative paths of letters, digits and {@code . _ - /}. An object is written once and
 * visible only whole. Every method is safe to repeat and may be called from any thread. Failures
 * that may pass are retried inside and end as {@link StoreUnavailableException}; one that trying
 * again will not mend (credentials, a bad key) is an {@link IllegalStateException} that says so.
 */
public interface ObjectStore extends AutoCloseable {

  /** Whose bytes are under the key now. */
  enum Put {
    CREATED,
    /** An object was there already and stays as it is: a retry of ours, or another writer, won. */
    EXISTED
  }

  /**
   * A listed object.
   *
   * @param modifiedAt when it was written, by the store's clock; good for judging days, never for
   *     deciding what is safe
   */
  record Entry(String key, long bytes, Instant modifiedAt) {}

  /** Stores a file unless the key is taken. */
  Put putIfAbsent(String key, Path file);

  /** Stores bytes unless the key is taken. */
  Put putIfAbsent(String key, byte[] bytes);

  /**
   * Opens the whole object; the caller closes the stream.
   *
   * @throws ObjectMissingException nothing is under the key
   */
  InputStream open(String key);

  /**
   * Opens {@code length} bytes from {@code offset}; a range past the end gives what is there.
   *
   * @throws ObjectMissingException nothing is under the key
   */
  InputStream open(String key, long offset, long length);

  /** The object's size, or empty where nothing is under the key. */
  OptionalLong size(String key);

  /** Objects whose key starts with {@code prefix}, in key order; the caller closes the stream. */
  Stream<Entry> list(String prefix);

  /** Removes the object; removing what is not there is no error. */
  void delete(String key);

  /**
   * Unfinished uploads begun before {@code begun}: what a writer left that died half way. They are
   * never visible as objects, but take room.
   */
  List<Upload> unfinishedUploads(Instant begun);

  /** Throws an unfinished upload away; one that has ended meanwhile is no error. */
  void abort(Upload upload);

  /** An upload that was begun and never completed. */
  record Upload(String key, String id, Instant begunAt) {}

  @Override
  void close() throws IOException;
}
