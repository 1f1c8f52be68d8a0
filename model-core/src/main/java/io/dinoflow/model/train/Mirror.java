package io.dinoflow.model.train;

import ai.djl.ndarray.NDManager;
import io.dinoflow.model.kernel.HostMemory;
import io.dinoflow.model.kernel.TorchKernels;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A second place in host memory for the states of all learners, made when the first copy is asked
 * for and filled again for every later one.
 */
final class Mirror implements AutoCloseable {

  /** One track: where its state lies now, and the arrays of the same shapes beside it. */
  private record Pair(StateParts from, StateParts to) {}

  private final NDManager manager = HostMemory.under(TorchKernels.manager());
  private final Map<String, Pair> tracks = new TreeMap<>();
  private final AtomicBoolean taken = new AtomicBoolean();

  Mirror(Map<String, StateParts> live) {
    live.forEach((name, parts) -> tracks.put(name, new Pair(parts, parts.sameShapes(manager))));
  }

  /**
   * Copies every state; on the training thread.
   *
   * @param guards of each track, as they are at this step
   */
  StateCopy fill(long step, Map<String, HealthGuard.State> guards) {
    if (!taken.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "the state of step %d is wanted while an earlier copy is still open: close it first"
              .formatted(step));
    }
    tracks.values().forEach(pair -> pair.from().copyTo(pair.to()));
    return new Filled(step, guards);
  }

  @Override
  public void close() {
    if (taken.get()) {
      throw new IllegalStateException(
          "a copy of the state is still open: its memory would be freed while it is read");
    }
    manager.close();
  }

  private final class Filled implements StateCopy {
    private final long step;
    private final Map<String, HealthGuard.State> guards;
    private final AtomicBoolean open = new AtomicBoolean(true);

    Filled(long step, Map<String, HealthGuard.State> guards) {
      this.step = step;
      this.guards = Map.copyOf(guards);
    }

    @Override
    public long step() {
      return step;
    }

    @Override
    public Map<String, Snapshot> write(Path folder) {
      if (!open.get()) {
        throw new IllegalStateException("the copy of step %d is closed".formatted(step));
      }
      Map<String, Snapshot> snapshots = new LinkedHashMap<>();
      tracks.forEach(
          (name, pair) ->
              snapshots.put(
                  name,
                  pair.to()
                      .write(
                          StateParts.folder(folder, name),
                          step,
                          Objects.requireNonNull(guards.get(name), name))));
      return snapshots;
    }

    @Override
    public void close() {
      if (open.compareAndSet(true, false)) {
        taken.set(false);
      }
    }
  }
}
