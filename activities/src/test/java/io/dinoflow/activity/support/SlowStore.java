package io.dinoflow.activity.support;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.object.StoreUnavailableException;
import io.dinoflow.storage.testing.ForwardingStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A store whose reads of chosen contents wait, are refused or give other bytes. */
final class SlowStore extends ForwardingStore {
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  private final Map<String, Reads> readsOf = new ConcurrentHashMap<>();
  private final CountDownLatch released = new CountDownLatch(1);

  /** What happens to reads of one content. */
  private static final class Reads {
    private final CountDownLatch first = new CountDownLatch(1);
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile boolean held;
    private volatile boolean spoilt;
  }

  SlowStore(ObjectStore store) {
    super(store);
  }

  /** Reads of this content wait until {@link #letThrough}. */
  void hold(byte[] content) {
    of(content).held = true;
  }

  void letThrough() {
    released.countDown();
  }

  /** The next so many reads of this content fail. */
  void refuse(byte[] content, int times) {
    of(content).refusals.set(times);
  }

  /** Reads of this content give other bytes. */
  void spoil(byte[] content) {
    of(content).spoilt = true;
  }

  /** Waits until somebody asks for this content. */
  void awaitRead(byte[] content) throws InterruptedException {
    of(content).first.await();
  }

  /** How often this content was asked for. */
  int reads(byte[] content) {
    return of(content).count.get();
  }

  /** How often the content of this digest was asked for. */
  int reads(Sha256 content) {
    return of(content).count.get();
  }

  private Reads of(byte[] content) {
    return of(Sha256.of(content));
  }

  private Reads of(Sha256 content) {
    return readsOf.computeIfAbsent(content.hex(), unseen -> new Reads());
  }

  @Override
  public InputStream open(String key) {
    Matcher digest = DIGEST.matcher(key);
    return digest.find()
        ? read(readsOf.computeIfAbsent(digest.group(), unseen -> new Reads()), key)
        : super.open(key);
  }

  private InputStream read(Reads reads, String key) {
    reads.count.incrementAndGet();
    reads.first.countDown();
    if (reads.held) {
      await(released);
    }
    if (reads.refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new StoreUnavailableException("503 Slow Down", new IOException("refused on purpose"));
    }
    return reads.spoilt ? new ByteArrayInputStream(new byte[] {1, 2, 3}) : super.open(key);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted", e);
    }
  }
}
