package io.dinoflow.ops.chaos;

import io.dinoflow.model.artifact.RunId;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a small pipeline twice: once undisturbed, and once, or as often as it takes, while processes
 * are killed, links break, disks fill and objects rot. Then looks whether every promise was kept.
 *
 * <p>After each strike it waits for one commit, except where the schedule strikes twice: what heals
 * must go on, and without that wait nothing would ever be hit but starting processes.
 */
public final class Chaos {
  /** What is asked for. */
  public record Plan(long seed, int kills, Duration limit, Path folder) {}

  private static final Duration COMMIT_MAX = Duration.ofMinutes(10);
  private static final Duration START_MAX = Duration.ofMinutes(5);
  private static final Duration END_MAX = Duration.ofMinutes(15);
  private static final int FINDINGS_MAX = 5;
  private static final int SCRATCH_MIB = 256;

  private final Plan plan;
  private final Map<String, String> environment;
  private final Consumer<String> say;
  private final long beganNanos = System.nanoTime();
  private final Map<String, Integer> injected = new TreeMap<>();
  private final Map<String, Integer> skipped = new TreeMap<>();
  private final List<String> findings = new ArrayList<>();
  private final Map<RunId, WorkflowExecutionStatus> runs = new LinkedHashMap<>();
  private int kills;
  private int strikes;
  private int others;
  private @Nullable RunId current;

  public Chaos(Plan plan, Map<String, String> environment, Consumer<String> say) {
    this.plan = plan;
    this.environment = environment;
    this.say = say;
  }

  /** Does all of it; stops everything that it started. */
  public ChaosResult run() throws Exception {
    say("seed %d, %d kills, in %s".formatted(plan.seed(), plan.kills(), plan.folder()));
    Twin twin =
        Twin.run(
            plan.folder().resolve("undisturbed"), environment, ChaosRecipe.request(), this::say);
    say("the undisturbed twin committed %d checkpoints".formatted(twin.states().size()));
    Path home = plan.folder().resolve("disturbed");
    Optional<SmallDisk> disk = SmallDisk.on(home.resolve("scratch"), SCRATCH_MIB);
    try (Site site = Site.start(home, environment, this::say);
        Witness witness = Witness.of(site)) {
      Injector injector = new Injector(site, witness, disk);
      disturb(site, witness, injector);
      awaitEnds(site);
      return judge(site, witness, injector, twin);
    } finally {
      if (disk.isPresent()) {
        disk.get().close();
      }
    }
  }

  private void disturb(Site site, Witness witness, Injector injector)
      throws IOException, InterruptedException {
    Schedule schedule = new Schedule(plan.seed());
    RunId run = nextRound(site, witness);
    if (!witness.awaitProgress(0, COMMIT_MAX)) {
      findings.add("no progress: the first run committed nothing");
    }
    while (kills < plan.kills() && !isOver() && findings.size() < FINDINGS_MAX) {
      Strike strike = schedule.next();
      Patience.pause(strike.afterMillis());
      run = ensureRunning(site, witness, run);
      int before = witness.progress();
      long began = System.nanoTime();
      Injector.Outcome outcome = strikeOnce(site, witness, injector, strike, run);
      count(strike, outcome);
      boolean waits = outcome.done() && !strike.twice();
      if (waits && !awaitProgress(site, witness, before)) {
        findings.add(
            "no progress: nothing was committed in %d s after strike %d (%s); %s"
                .formatted(
                    COMMIT_MAX.toSeconds(), strike.number(), outcome.text(), witness.blind()));
      }
      say(
          "%3d/%d kills, strike %3d, run %s: %s%s%s (%.1f s, %d commits)"
              .formatted(
                  kills,
                  plan.kills(),
                  strike.number(),
                  run,
                  outcome.done() ? "" : "left out, ",
                  outcome.text(),
                  strike.twice() ? ", no wait" : "",
                  (System.nanoTime() - began) / 1e9,
                  witness.commits().size()));
    }
  }

  private Injector.Outcome strikeOnce(
      Site site, Witness witness, Injector injector, Strike strike, RunId run)
      throws IOException, InterruptedException {
    try {
      if (strike.fault() == Fault.START_ANOTHER) {
        RunId other = new RunId("chaos-%d-other-%d".formatted(plan.seed(), ++others));
        start(site, witness, other);
        return Injector.Outcome.did("the same recipe started as " + other);
      }
      return injector.strike(strike, run);
    } catch (BrokenPromiseException broken) {
      findings.add("broken: strike %d: %s".formatted(strike.number(), broken.getMessage()));
      return Injector.Outcome.skipped(String.valueOf(broken.getMessage()));
    } catch (RuntimeException unavailable) {
      // a strike soon after another finds the services down: that is what was wanted
      return Injector.Outcome.skipped("a service was down: " + unavailable.getMessage());
    }
  }

  private void count(Strike strike, Injector.Outcome outcome) {
    strikes++;
    (outcome.done() ? injected : skipped).merge(strike.fault().word(), 1, Integer::sum);
    if (outcome.done() && strike.fault().kills()) {
      kills++;
    }
  }

  /** A run that ended is progress too, and the next one is started. */
  private boolean awaitProgress(Site site, Witness witness, int before)
      throws InterruptedException {
    long end = System.nanoTime() + COMMIT_MAX.toNanos();
    while (System.nanoTime() - end < 0) {
      if (witness.awaitProgress(before, Duration.ofSeconds(2))) {
        return true;
      }
      if (status(site, currentRun()).filter(Chaos::isClosed).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private RunId currentRun() {
    return java.util.Objects.requireNonNull(current, "no run yet");
  }

  private RunId ensureRunning(Site site, Witness witness, RunId run) throws InterruptedException {
    Optional<WorkflowExecutionStatus> status = status(site, run);
    if (status.filter(Chaos::isClosed).isEmpty()) {
      return run;
    }
    ended(run, status.get());
    return nextRound(site, witness);
  }

  private RunId nextRound(Site site, Witness witness) throws InterruptedException {
    RunId run = new RunId("chaos-%d-%d".formatted(plan.seed(), runs.size() - others + 1));
    start(site, witness, run);
    current = run;
    return run;
  }

  private void start(Site site, Witness witness, RunId run) throws InterruptedException {
    String[] problem = {""};
    boolean started =
        Patience.until(
            () -> {
              try {
                site.runs().ensureRunning(run, ChaosRecipe.request(), "to be disturbed");
                return true;
              } catch (RuntimeException notYet) {
                problem[0] = String.valueOf(notYet.getMessage());
                return false;
              }
            },
            START_MAX);
    if (!started) {
      throw new BrokenPromiseException(
          "%s cannot be started within %d s: %s".formatted(run, START_MAX.toSeconds(), problem[0]));
    }
    runs.put(run, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
    witness.watch(run);
  }

  private static Optional<WorkflowExecutionStatus> status(Site site, RunId run) {
    try {
      return site.runs().status(run);
    } catch (RuntimeException unavailable) {
      // not known now; whoever needs it asks again
      return Optional.empty();
    }
  }

  private static boolean isClosed(WorkflowExecutionStatus status) {
    return status != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
  }

  private void ended(RunId run, WorkflowExecutionStatus status) {
    runs.put(run, status);
    if (status != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED) {
      findings.add("failed: %s ended as %s".formatted(run, status));
    }
  }

  private void awaitEnds(Site site) throws InterruptedException {
    say("no more strikes; waiting for what runs");
    for (RunId run : List.copyOf(runs.keySet())) {
      boolean over =
          Patience.until(() -> status(site, run).filter(Chaos::isClosed).isPresent(), END_MAX);
      if (over) {
        status(site, run).ifPresent(status -> ended(run, status));
      } else {
        findings.add(
            "no end: %s is not through %d min after the last strike"
                .formatted(run, END_MAX.toMinutes()));
      }
    }
  }

  private ChaosResult judge(Site site, Witness witness, Injector injector, Twin twin) {
    say("looking at every commit, every byte and every edge");
    Promises promises = new Promises(site.services());
    promises.nothingLost(witness.commits(), injector.damagedBlobs(), injector.damagedHeads());
    promises.sameAsTwin(twin, List.copyOf(runs.keySet()));
    promises.oneOwner();
    long collected = promises.nothingUnnamed();
    findings.addAll(promises.findings());
    int died = promises.attemptsThatDied();
    if (injected.containsKey(Fault.KILL_TRAINING_WORKER.word()) && died == 0) {
      findings.add("not shown: no attempt died, so nothing was resumed");
    }
    return new ChaosResult(
        plan.seed(),
        kills,
        strikes,
        injected,
        skipped,
        runs.size(),
        witness.commits().size(),
        died,
        collected,
        Duration.ofNanos(System.nanoTime() - beganNanos).toSeconds(),
        findings);
  }

  private boolean isOver() {
    return System.nanoTime() - beganNanos > plan.limit().toNanos();
  }

  private void say(String text) {
    say.accept(
        "%5d s  %s".formatted(Duration.ofNanos(System.nanoTime() - beganNanos).toSeconds(), text));
  }
}
