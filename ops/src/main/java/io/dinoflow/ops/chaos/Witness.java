package io.dinoflow.ops.chaos;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunState;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Remembers every commit that it ever saw, from outside: what was visible once must be there for
 * ever. Looks several times a second while the database answers. Thread-safe.
 */
final class Witness implements AutoCloseable {
  private static final long LOOK_MILLIS = 200;
  private static final int NEWEST = 60;

  private final Site site;
  private final Map<Sha256, CheckpointRow> commits = new ConcurrentHashMap<>();
  private final Map<String, RunId> runs = new ConcurrentHashMap<>();
  private final Set<String> finished = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "witness");
            thread.setDaemon(true);
            return thread;
          });
  private volatile String blind = "";

  private Witness(Site site) {
    this.site = site;
  }

  static Witness of(Site site) {
    Witness witness = new Witness(site);
    witness.looks.scheduleWithFixedDelay(
        witness::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    return witness;
  }

  /** Looks at the stages of this run too, from now on. */
  void watch(RunId run) {
    runs.put(run.value(), run);
  }

  /** Every commit ever seen, as it was when it was new. */
  Map<Sha256, CheckpointRow> commits() {
    return Map.copyOf(commits);
  }

  /** Why it sees nothing at the moment; empty while it does. */
  String blind() {
    return blind;
  }

  /** Rises with every commit and every finished stage. */
  int progress() {
    return commits.size() + finished.size();
  }

  /** Waits until something was committed since; tells whether. */
  boolean awaitProgress(int since, Duration limit) throws InterruptedException {
    return Patience.until(() -> progress() > since, limit);
  }

  private void look() {
    try {
      LineageStore lineage = site.services().lineage();
      for (CheckpointRow row : lineage.checkpoints(NEWEST)) {
        if (row.state() == CheckpointRow.State.COMMITTED) {
          commits.putIfAbsent(row.ref().id(), row);
        }
      }
      for (RunId run : new HashSet<>(runs.values())) {
        lineage.stages(run).stream()
            .filter(stage -> stage.state() == RunState.DONE)
            .forEach(stage -> finished.add(run + "/" + stage.name()));
      }
      blind = "";
    } catch (RuntimeException unavailable) {
      // the database may be down by our own hand; whoever waits in vain says why
      blind = String.valueOf(unavailable.getMessage());
    }
  }

  @Override
  public void close() {
    looks.shutdownNow();
  }
}
