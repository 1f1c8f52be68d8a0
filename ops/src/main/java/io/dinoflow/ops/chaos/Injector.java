package io.dinoflow.ops.chaos;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Profile;
import io.dinoflow.ops.WorkerRole;
import io.dinoflow.ops.embedded.ProcessId;
import io.dinoflow.ops.embedded.WorkerProgram;
import io.dinoflow.storage.blob.BlobVersion;
import io.dinoflow.storage.checkpoint.Audit;
import io.dinoflow.storage.checkpoint.Housekeeping;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowTargetOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Does to a site what a strike says. */
final class Injector {
  private static final Duration ALIVE_MAX = Duration.ofMinutes(3);
  private static final Duration TAKEN_OVER_MAX = Duration.ofSeconds(60);
  private static final Duration SPOILT_MAX = Duration.ofSeconds(20);
  private static final long SLOW_MILLIS = 40;
  private static final int REFUSALS_MAX = 6;

  /** Stages whose head can be lost: nothing else needs it before the stage has ended. */
  private static final Set<String> EXPENDABLE = Set.of("pretrain", "highres");

  /** What became of a strike. */
  record Outcome(boolean done, String text) {
    static Outcome did(String text) {
      return new Outcome(true, text);
    }

    static Outcome skipped(String why) {
      return new Outcome(false, why);
    }
  }

  private final Site site;
  private final Witness witness;
  private final Optional<SmallDisk> disk;
  private final Set<Sha256> damagedBlobs = ConcurrentHashMap.newKeySet();
  private final Set<Sha256> damagedHeads = ConcurrentHashMap.newKeySet();

  Injector(Site site, Witness witness, Optional<SmallDisk> disk) {
    this.site = site;
    this.witness = witness;
    this.disk = disk;
  }

  /** Digests of blobs that were damaged or deleted by our own hand. */
  Set<Sha256> damagedBlobs() {
    return Set.copyOf(damagedBlobs);
  }

  /** Checkpoints that named one of them and were what their track had to go on from. */
  Set<Sha256> damagedHeads() {
    return Set.copyOf(damagedHeads);
  }

  /** Strikes; lifts again what can be lifted before it returns. */
  Outcome strike(Strike strike, RunId run) throws IOException, InterruptedException {
    return switch (strike.fault()) {
      case KILL_TRAINING_WORKER -> kill("worker-train");
      case KILL_CONTROL_WORKER -> kill("worker-control");
      case KILL_COMPUTE_WORKER -> kill("worker-compute");
      case KILL_TEMPORAL -> kill("temporal");
      case KILL_POSTGRES -> kill("postgres");
      case KILL_OBJECT_SERVER -> kill("objects");
      case KILL_SUPERVISOR -> killSupervisor();
      case DAMAGE_HEAD -> spoilHead(strike, run, Injector::flipOneByte);
      case DELETE_HEAD -> spoilHead(strike, run, Files::delete);
      case FREEZE_TRAINING_WORKER -> freezeTraining(strike);
      case FREEZE_TEMPORAL -> freezeTemporal(strike);
      case TERMINATE_TRAINING_WORKER -> terminate("worker-train");
      case TERMINATE_CONTROL_WORKER -> terminate("worker-control");
      case CUT_DATABASE -> cut(site.database(), "PostgreSQL");
      case LOSE_COMMIT_ANSWER -> loseAnswer();
      case HOLD_DATABASE -> hold(site.database(), strike.holdMillis(), "PostgreSQL");
      case SLOW_DATABASE -> slow(site.database(), strike.holdMillis(), "PostgreSQL");
      case CUT_OBJECTS -> cut(site.objects(), "the S3 server");
      case SLOW_OBJECTS -> slow(site.objects(), strike.holdMillis(), "the S3 server");
      case REFUSE_OBJECTS -> refuse(strike);
      case TRUNCATE_READ -> spoilRead("ended half way", () -> site.objects().truncate(1));
      case FLIP_READ -> spoilRead("had one byte turned over", () -> site.objects().flip(1));
      case HOLD_TEMPORAL ->
          hold(site.temporal(), heartbeatMillis() + strike.holdMillis(), "Temporal");
      case START_AGAIN -> startAgain(run);
      case START_ANOTHER -> Outcome.skipped("is for the caller, who knows all runs");
      case COLLECT -> collect();
      case FILL_DISK -> fillDisk(strike);
    };
  }

  private Outcome kill(String name) throws InterruptedException {
    ProcessHandle process = living(name);
    process.destroyForcibly();
    return Outcome.did("%s (pid %d) killed".formatted(name, process.pid()));
  }

  private ProcessHandle living(String name) throws InterruptedException {
    if (!Patience.until(() -> site.process(name).isPresent(), ALIVE_MAX)) {
      throw new BrokenPromiseException(
          "%s does not run, and was not started again within %d s"
              .formatted(name, ALIVE_MAX.toSeconds()));
    }
    return site.process(name).orElseThrow(() -> new BrokenPromiseException(name + " died anew"));
  }

  private Outcome killSupervisor() throws IOException, InterruptedException {
    ProcessHandle supervisor =
        site.state()
            .flatMap(state -> state.supervisor().alive())
            .orElseThrow(() -> new BrokenPromiseException("the supervisor does not run"));
    List<ProcessId> children = site.state().orElseThrow().children();
    supervisor.destroyForcibly();
    Patience.until(() -> !supervisor.isAlive(), ALIVE_MAX);
    site.up(line -> {});
    long survivors = children.stream().filter(child -> child.alive().isPresent()).count();
    if (survivors > 0) {
      throw new BrokenPromiseException(
          "%d children of the killed supervisor live beside the new ones".formatted(survivors));
    }
    return Outcome.did(
        "the supervisor (pid %d) killed, all started again".formatted(supervisor.pid()));
  }

  private Outcome terminate(String name) throws InterruptedException {
    ProcessHandle process = living(name);
    process.destroy();
    return Outcome.did("%s (pid %d) told to end".formatted(name, process.pid()));
  }

  /** Stops a worker, lets another take over, and wakes it up: it must notice that it lost. */
  private Outcome freezeTraining(Strike strike) throws IOException, InterruptedException {
    OpsConfig config =
        site.config().orElseThrow(() -> new BrokenPromiseException("the services do not run"));
    Process second =
        WorkerProgram.startAnother(
            WorkerRole.TRAIN,
            config,
            site.environment(),
            site.home().logs().resolve("worker-train-second.log"));
    try {
      ProcessHandle zombie = living("worker-train");
      int before = witness.progress();
      Signals.send("STOP", zombie.pid());
      boolean takenOver;
      try {
        Patience.pause(heartbeatMillis() + strike.holdMillis());
        takenOver = witness.awaitProgress(before + 1, TAKEN_OVER_MAX);
      } finally {
        Signals.send("CONT", zombie.pid());
      }
      Patience.pause(strike.holdMillis());
      return takenOver
          ? Outcome.did(
              "worker-train (pid %d) woke up after another had taken over".formatted(zombie.pid()))
          : Outcome.did("worker-train (pid %d) woke up".formatted(zombie.pid()));
    } finally {
      second.destroy();
      second.waitFor();
    }
  }

  private Outcome freezeTemporal(Strike strike) throws IOException, InterruptedException {
    ProcessHandle server = living("temporal");
    Signals.send("STOP", server.pid());
    try {
      Patience.pause(strike.holdMillis());
    } finally {
      Signals.send("CONT", server.pid());
    }
    return Outcome.did("Temporal stood still for %d ms".formatted(strike.holdMillis()));
  }

  private static Outcome cut(Proxy proxy, String what) {
    proxy.cut();
    return Outcome.did("every connection to %s cut".formatted(what));
  }

  private static Outcome hold(Proxy proxy, long millis, String what) throws InterruptedException {
    proxy.hold();
    try {
      Patience.pause(millis);
    } finally {
      proxy.heal();
    }
    return Outcome.did("no byte from or to %s for %d ms".formatted(what, millis));
  }

  private static Outcome slow(Proxy proxy, long millis, String what) throws InterruptedException {
    proxy.delay(SLOW_MILLIS);
    try {
      Patience.pause(millis);
    } finally {
      proxy.heal();
    }
    return Outcome.did("%s %d ms late for %d ms".formatted(what, SLOW_MILLIS, millis));
  }

  private Outcome loseAnswer() throws InterruptedException {
    // a statement that was prepared on a connection is not spelt out again: so on new ones
    site.database().cut();
    site.database().loseAnswer("INSERT INTO checkpoint", "COMMIT\0");
    boolean lost = Patience.until(() -> !site.database().isWaiting(), SPOILT_MAX);
    site.database().forget();
    return lost
        ? Outcome.did("the answer to the commit of a checkpoint lost")
        : Outcome.skipped("no checkpoint was committed meanwhile");
  }

  private Outcome refuse(Strike strike) throws InterruptedException {
    int requests = 1 + strike.draw() % REFUSALS_MAX;
    site.objects().refuse(requests);
    boolean all = Patience.until(() -> site.objects().pending() == 0, SPOILT_MAX);
    site.objects().forget();
    return all
        ? Outcome.did("%d requests answered with 503".formatted(requests))
        : Outcome.skipped("not so many requests came");
  }

  /** Reads of objects come after a start, so the training worker is made to start. */
  private Outcome spoilRead(String how, Runnable plan) throws InterruptedException {
    plan.run();
    living("worker-train").destroy();
    boolean read = Patience.until(() -> site.objects().pending() == 0, SPOILT_MAX);
    site.objects().forget();
    return read
        ? Outcome.did("an answer of the S3 server " + how)
        : Outcome.skipped("no object was read meanwhile");
  }

  private Outcome startAgain(RunId run) {
    WorkflowClient client = site.services().workflows();
    String now = client.newUntypedWorkflowStub(run.value()).describe().getExecution().getRunId();
    try {
      site.runs().start(run, ChaosRecipe.request(), "the same once more");
      WorkflowTargetOptions before =
          WorkflowTargetOptions.newBuilder().setWorkflowId(run.value()).setRunId(now).build();
      if (client.newUntypedWorkflowStub(before).describe().getStatus()
          == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
        throw new BrokenPromiseException(run + " was started although it runs");
      }
      return Outcome.skipped(run + " was through a moment before it was started once more");
    } catch (WorkflowExecutionAlreadyStarted refused) {
      site.runs().ensureRunning(run, ChaosRecipe.request(), "the same once more");
      return Outcome.did(run + " started once more, and attached to");
    }
  }

  private Outcome collect() {
    Housekeeping.Round round = Sweep.once(site.services());
    return Outcome.did(
        "%d checkpoints expired, %d blobs collected"
            .formatted(round.expired().size(), round.blobs().blobs() + round.orphans().blobs()));
  }

  private Outcome fillDisk(Strike strike) throws IOException, InterruptedException {
    if (disk.isEmpty()) {
      return Outcome.skipped("no file system can be mounted here (root can): disk full left out");
    }
    disk.get().fill();
    try {
      Patience.pause(strike.holdMillis());
    } finally {
      disk.get().free();
    }
    return Outcome.did("disk of temporary files full for %d ms".formatted(strike.holdMillis()));
  }

  /** Harms a stored file. */
  private interface Harm {
    void harm(Path file) throws IOException;
  }

  private static void flipOneByte(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long middle = bytes.length() / 2;
      bytes.seek(middle);
      int value = bytes.read();
      bytes.seek(middle);
      bytes.write(value ^ 1);
    }
  }

  /** While its worker stands still the head cannot move on; then it dies and must fall back. */
  private Outcome spoilHead(Strike strike, RunId run, Harm harm)
      throws IOException, InterruptedException {
    ProcessHandle worker = living("worker-train");
    Signals.send("STOP", worker.pid());
    try {
      Optional<CheckpointRow> head = expendableHead(run);
      if (head.isEmpty()) {
        return Outcome.skipped("no head that nothing else needs");
      }
      CheckpointRef ref = head.get().ref();
      Audit audit = new Audit(site.services().database(), site.services().objects());
      Map<String, BlobVersion> files = new TreeMap<>(audit.ownFiles(ref.id()));
      files.keySet().removeIf(name -> !name.endsWith(".safetensors"));
      if (files.isEmpty()) {
        return Outcome.skipped("the head has no file of its own");
      }
      String name = List.copyOf(files.keySet()).get(strike.draw() % files.size());
      BlobVersion blob = files.getOrDefault(name, files.values().iterator().next());
      harm.harm(
          site.home()
              .objects()
              .resolve(site.services().config().objects().bucket())
              .resolve(blob.key()));
      damagedBlobs.add(blob.sha256());
      worker.destroyForcibly();
      if (expendableHead(run).filter(h -> h.ref().equals(ref)).isPresent()) {
        damagedHeads.add(ref.id());
      }
      return Outcome.did(
          "%s of %s at step %d harmed, its worker (pid %d) killed"
              .formatted(name, ref.track(), ref.step(), worker.pid()));
    } finally {
      Signals.send("CONT", worker.pid());
    }
  }

  /** Two commits or more below it, so that there is something to fall back to. */
  private Optional<CheckpointRow> expendableHead(RunId run) {
    List<CheckpointRow> all =
        site.services().lineage().checkpoints(run).stream()
            .filter(c -> c.state() == CheckpointRow.State.COMMITTED)
            .toList();
    Optional<CheckpointRow> head =
        all.stream()
            .filter(CheckpointRow::head)
            .max(java.util.Comparator.comparing(CheckpointRow::createdAt))
            .filter(c -> EXPENDABLE.contains(c.ref().track().stage()));
    return head.filter(h -> h.ref().step() < ChaosRecipe.steps(h.ref().track().stage()))
        .filter(
            h -> all.stream().filter(c -> c.ref().track().equals(h.ref().track())).count() >= 2);
  }

  private static long heartbeatMillis() {
    return Profile.TEST.flow().heartbeatTimeout().toMillis();
  }
}
