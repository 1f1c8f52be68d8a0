package io.dinoflow.storage.object;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Any store, with what passes through it counted in the process's meters: how long each kind of
 * request took and how it ended, after its retries, and the bytes in each direction. Keys are never
 * labels: there are too many of them.
 */
public final class MeteredObjectStore implements ObjectStore {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(5),
    Duration.ofMillis(20),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10),
    Duration.ofSeconds(60)
  };

  private final ObjectStore store;

  public MeteredObjectStore(ObjectStore store) {
    this.store = store;
  }

  @Override
  public Put putIfAbsent(String key, Path file) {
    Put put = measured("put", () -> store.putIfAbsent(key, file));
    return put == Put.CREATED ? written(put, size(file)) : put;
  }

  @Override
  public Put putIfAbsent(String key, byte[] bytes) {
    Put put = measured("put", () -> store.putIfAbsent(key, bytes));
    return put == Put.CREATED ? written(put, bytes.length) : put;
  }

  private static Put written(Put put, long bytes) {
    bytes("written").increment(bytes);
    return put;
  }

  /** What was uploaded was there a moment ago; a count is no reason to fail an upload. */
  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException goneMeanwhile) {
      return 0;
    }
  }

  @Override
  public InputStream open(String key) {
    return new Counted(measured("get", () -> store.open(key)));
  }

  @Override
  public InputStream open(String key, long offset, long length) {
    return new Counted(measured("get", () -> store.open(key, offset, length)));
  }

  @Override
  public OptionalLong size(String key) {
    return measured("stat", () -> store.size(key));
  }

  @Override
  public Stream<Entry> list(String prefix) {
    return measured("list", () -> store.list(prefix));
  }

  @Override
  public void delete(String key) {
    measured(
        "delete",
        () -> {
          store.delete(key);
          return true;
        });
  }

  @Override
  public List<Upload> unfinishedUploads(Instant begun) {
    return measured("list", () -> store.unfinishedUploads(begun));
  }

  @Override
  public void abort(Upload upload) {
    measured(
        "abort",
        () -> {
          store.abort(upload);
          return true;
        });
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  private static <T> T measured(String operation, Supplier<T> request) {
    long began = System.nanoTime();
    String outcome = "failed";
    try {
      T answer = request.get();
      outcome = "ok";
      return answer;
    } catch (ObjectMissingException e) {
      outcome = "missing";
      throw e;
    } catch (StoreUnavailableException e) {
      outcome = "unavailable";
      throw e;
    } finally {
      Timer.builder("dinoflow.storage.request")
          .description("Requests to the object store, with their retries")
          .tags("operation", operation, "outcome", outcome)
          .serviceLevelObjectives(BUCKETS)
          .register(Metrics.globalRegistry)
          .record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
    }
  }

  private static Counter bytes(String direction) {
    return Counter.builder("dinoflow.storage.bytes")
        .description("Bytes of objects read and written")
        .tags("direction", direction)
        .register(Metrics.globalRegistry);
  }

  /** Counts when it is closed, so that a large object costs one increment. */
  private static final class Counted extends FilterInputStream {
    private long bytes;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      bytes += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = super.read(buffer, offset, length);
      bytes += Math.max(0, count);
      return count;
    }

    @Override
    public void close() throws IOException {
      bytes("read").increment(bytes);
      bytes = 0;
      super.close();
    }
  }
}
