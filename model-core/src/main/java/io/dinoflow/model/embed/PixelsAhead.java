package io.dinoflow.model.embed;

import io.dinoflow.model.data.ImageDecoder;
import io.dinoflow.model.data.UnreadableImageException;
import io.dinoflow.model.hub.Preprocessing;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Reads, decodes and resizes pictures on a thread of its own while the network runs over those
 * before, and hands them over in the stream's order. Two batches exist at a time. One thread draws
 * them; what the stream throws, it gets where the pictures end.
 */
final class PixelsAhead implements AutoCloseable {
  private static final int BATCHES = 2;
  private static final long CLOSE_SECONDS_MAX = 60;

  private final BlockingQueue<PixelBatch> free = new LinkedBlockingQueue<>();
  // an empty one is the end
  private final BlockingQueue<Optional<PixelBatch>> ready = new LinkedBlockingQueue<>();
  private final List<Embedder.LeftOut> leftOut = new ArrayList<>();
  private final ExecutorService thread;
  private final Future<List<Embedder.LeftOut>> reading;
  private Duration waited = Duration.ZERO;

  private PixelsAhead(PictureStream pictures, int batchSize, Preprocessing preprocessing) {
    for (int i = 0; i < BATCHES; i++) {
      free.add(new PixelBatch(batchSize, preprocessing));
    }
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread reader = new Thread(task, "pictures");
              reader.setDaemon(true);
              return reader;
            });
    this.reading = thread.submit(() -> read(pictures));
  }

  static PixelsAhead of(PictureStream pictures, int batchSize, Preprocessing preprocessing) {
    return new PixelsAhead(pictures, batchSize, preprocessing);
  }

  /**
   * The next batch, to be given back when it was used; empty where the pictures end.
   *
   * @throws IOException the stream failed
   */
  Optional<PixelBatch> next() throws IOException {
    long began = System.nanoTime();
    try {
      Optional<PixelBatch> batch = ready.take();
      if (batch.isEmpty()) {
        leftOut.addAll(reading.get());
      }
      return batch;
    } catch (ExecutionException e) {
      throw thrown(e);
    } catch (InterruptedException e) {
      throw interrupted();
    } finally {
      waited = waited.plusNanos(System.nanoTime() - began);
    }
  }

  void giveBack(PixelBatch batch) {
    batch.clear();
    free.add(batch);
  }

  /** Pictures that could not be decoded, once all were drawn. */
  List<Embedder.LeftOut> leftOut() {
    return List.copyOf(leftOut);
  }

  /** Time that {@link #next} took, all in all. */
  Duration waited() {
    return waited;
  }

  private List<Embedder.LeftOut> read(PictureStream pictures) throws IOException {
    TorchKernels.prepareThread(1);
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      Filling filling = new Filling(scope);
      pictures.read(filling);
      filling.handOver();
      return filling.unreadable;
    } finally {
      ready.add(Optional.empty());
    }
  }

  /** Puts picture after picture into a batch. */
  private final class Filling implements PictureStream.Visitor {
    private final TensorScope scope;
    private final ImageDecoder decoder = new ImageDecoder();
    private final List<Embedder.LeftOut> unreadable = new ArrayList<>();
    private PixelBatch batch;

    Filling(TensorScope scope) throws IOException {
      this.scope = scope;
      this.batch = empty();
    }

    @Override
    public void visit(String name, byte[] bytes) throws IOException {
      try {
        batch.add(scope, name, decoder.decode(bytes));
      } catch (UnreadableImageException e) {
        unreadable.add(new Embedder.LeftOut(name, String.valueOf(e.getMessage())));
        return;
      }
      if (batch.isFull()) {
        ready.add(Optional.of(batch));
        batch = empty();
      }
    }

    void handOver() {
      if (batch.count() > 0) {
        ready.add(Optional.of(batch));
      }
    }

    private PixelBatch empty() throws IOException {
      try {
        return free.take();
      } catch (InterruptedException e) {
        throw interrupted();
      }
    }
  }

  private static IOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while waiting for pictures");
  }

  private static IOException thrown(ExecutionException e) {
    Throwable cause = e.getCause();
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof IOException io ? io : new IOException(e);
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "pictures are still read %d s after close".formatted(CLOSE_SECONDS_MAX));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
