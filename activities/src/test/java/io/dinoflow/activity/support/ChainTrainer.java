package io.dinoflow.activity.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.train.DivergedException;
import io.dinoflow.model.train.Phase;
import io.dinoflow.model.train.Snapshot;
import io.dinoflow.model.train.StateCopy;
import io.dinoflow.model.train.StepListener;
import io.dinoflow.model.train.StepMetrics;
import io.dinoflow.model.train.TrainJob;
import io.dinoflow.model.train.Trainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/**
 * A trainer without tensors: its state is a chain of digests, so that a step that is left out, done
 * twice or done on another state shows in every later one.
 */
final class ChainTrainer implements Trainer {

  /** What a test counts, and does in the middle of training. */
  static final class Watch {
    final List<Long> executed = new ArrayList<>();
    final List<Long> copied = new ArrayList<>();
    long divergesAt = -1;
    int closed;
    final AtomicInteger copiesOpen = new AtomicInteger();
    LongConsumer beforeStep = step -> {};

    /** On the thread that writes a copied state. */
    volatile LongConsumer beforeWrite = step -> {};
  }

  private final Watch watch;
  private final Map<String, String> states = new LinkedHashMap<>();
  private final String gram;
  private long step;

  ChainTrainer(TrainJob job, Iterable<String> tracks, Watch watch) {
    this.watch = watch;
    this.step = job.step();
    this.gram = job.gramTeacher().map(folder -> read(folder, "teacher.safetensors")).orElse("");
    for (String track : tracks) {
      Path own = job.resume().get(track);
      String start =
          own == null
              ? job.origin()
                  .map(folder -> read(folder, "teacher.safetensors"))
                  .orElse("seed " + job.recipe().seed())
              : read(own, "student.safetensors");
      states.put(track, start);
    }
  }

  @Override
  public long step() {
    return step;
  }

  @Override
  public void run(long untilStep, StepListener listener) {
    while (step < untilStep) {
      long began = System.nanoTime();
      watch.beforeStep.accept(step + 1);
      long waited = System.nanoTime();
      listener.onPhase(Phase.DATA_WAIT, began, waited);
      if (step + 1 == watch.divergesAt) {
        throw new DivergedException(step, "total_loss is NaN at step " + step);
      }
      step++;
      watch.executed.add(step);
      states.replaceAll((track, state) -> Sha256.ofText(track + state + " " + step + gram).hex());
      long forward = System.nanoTime();
      listener.onPhase(Phase.STUDENT_FORWARD, waited, forward);
      listener.onPhase(Phase.BACKWARD, forward, System.nanoTime());
      StepMetrics metrics = new StepMetrics(step, Map.of("total_loss", 1.0 / step), 8, 0.5, 0.1);
      if (listener.onStep(metrics) == StepListener.Verdict.STOP) {
        return;
      }
    }
  }

  @Override
  public Map<String, Snapshot> snapshot(Path folder) {
    return write(folder, step, states);
  }

  /** Like the real one it has memory for one copy. */
  @Override
  public StateCopy copy() {
    long at = step;
    Map<String, String> copied = new LinkedHashMap<>(states);
    if (watch.copiesOpen.incrementAndGet() > 1) {
      throw new IllegalStateException("two copies are open");
    }
    watch.copied.add(at);
    return new StateCopy() {
      @Override
      public long step() {
        return at;
      }

      @Override
      public Map<String, Snapshot> write(Path folder) {
        watch.beforeWrite.accept(at);
        return ChainTrainer.write(folder, at, copied);
      }

      @Override
      public void close() {
        watch.copiesOpen.decrementAndGet();
      }
    };
  }

  private static Map<String, Snapshot> write(Path folder, long step, Map<String, String> states) {
    Map<String, Snapshot> snapshots = new LinkedHashMap<>();
    states.forEach(
        (track, state) -> {
          Path own = folder.resolve(track.isEmpty() ? "track" : track);
          List<BlobFile> files =
              List.of(
                  write(own, "student.safetensors", state),
                  write(own, "teacher.safetensors", "ema of " + state),
                  write(own, "guard.json", "{\"step\":" + step + "}"));
          snapshots.put(track, new Snapshot(step, files));
        });
    return snapshots;
  }

  @Override
  public void restore(Map<String, Path> folders) {
    folders.forEach((track, own) -> states.put(track, read(own, "student.safetensors")));
  }

  @Override
  public Map<String, Double> probe() {
    return Map.of("probe.cls_similarity", 0.25);
  }

  @Override
  public void close() {
    if (watch.copiesOpen.get() > 0) {
      throw new IllegalStateException("a copy is open while its memory is freed");
    }
    watch.closed++;
  }

  private static String read(Path folder, String part) {
    try {
      return Files.readString(folder.resolve(part));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BlobFile write(Path folder, String part, String text) {
    try {
      byte[] bytes = text.getBytes(UTF_8);
      Path file = Files.write(Files.createDirectories(folder).resolve(part), bytes);
      return new BlobFile(part, file, Sha256.of(bytes), bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
