package io.dinoflow.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.ops.WorkerRole;
import io.dinoflow.ops.embedded.ProcessId;
import io.dinoflow.ops.embedded.StackState;
import io.dinoflow.ops.embedded.WorkerProgram;
import io.dinoflow.storage.checkpoint.Audit;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.SegmentResult;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.history.v1.HistoryEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ends that are no kill -9, on real servers: a worker that sleeps and wakes up, one that is told to
 * end, and a supervisor that is told to. Whatever ends, the states are those of an undisturbed run.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EndingWorkersIT {
  private static final int STEPS = 96;
  private static final int PERIOD = 8;
  private static final int STRIKES_MAX = 5;
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Map<String, String> ENVIRONMENT = Map.copyOf(System.getenv());

  @TempDir static Path folder;
  private Twin twin;
  private Site site;
  private int runs;

  @BeforeAll
  void startAndRunTheUndisturbedTwin() throws Exception {
    twin = Twin.run(folder.resolve("undisturbed"), ENVIRONMENT, request(), line -> {});
    site = Site.start(folder.resolve("disturbed"), ENVIRONMENT, line -> {});
  }

  @AfterAll
  void stop() throws Exception {
    if (site != null) {
      site.close();
    }
  }

  @AfterEach
  void everyPromiseHolds() {
    Audit audit = new Audit(site.services().database(), site.services().objects());
    assertThat(audit.chains()).isEmpty();
    assertThat(audit.lineage()).isEmpty();
    assertThat(audit.damages()).isEmpty();
  }

  /** Row 7. */
  @Test
  void aWorkerFrozenPastItsHeartbeatTimeoutCommitsNothingWhenItWakesUp() throws Exception {
    Frozen frozen = takenOver();
    RunId run = frozen.run();
    try {
      CheckpointRow taken = firstAbove(frozen).orElseThrow();
      long committed = commits(run).stream().filter(row -> row.fence() < taken.fence()).count();
      frozen.wake();

      site.runs().result(run);

      assertThat(commits(run).stream().filter(row -> row.fence() < taken.fence()))
          .as("what the frozen worker had committed before it lost the track, and no more")
          .hasSize((int) committed);
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(log("worker-train").substring(frozen.logged()))
                      .as("it noticed")
                      .containsAnyOf(
                          "told to stop: LOST",
                          "ActivityNotExistsException",
                          "heartbeat timed out locally",
                          "is superseded by"));
      assertThat(frozen.zombie().isAlive()).as("and works on").isTrue();
      assertThat(twin.differences(Twin.of(run, site.services()))).isEmpty();
    } finally {
      frozen.endReplacement();
    }
  }

  /** A worker that sleeps while another one has taken its run over. */
  private record Frozen(
      RunId run, long fence, ProcessHandle zombie, int logged, Process replacement) {
    void wake() throws Exception {
      Signals.send("CONT", zombie.pid());
    }

    void endReplacement() throws Exception {
      replacement.destroy();
      assertThat(replacement.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  /** A run that ends without being taken over was not struck in training: then another. */
  private Frozen takenOver() throws Exception {
    for (int i = 0; i < STRIKES_MAX; i++) {
      Frozen frozen = frozen();
      await().atMost(LIMIT).until(() -> firstAbove(frozen).isPresent() || isOver(frozen.run()));
      if (firstAbove(frozen).isPresent()) {
        return frozen;
      }
      frozen.wake();
      frozen.endReplacement();
    }
    throw tooLate();
  }

  private Frozen frozen() throws Exception {
    RunId run = startRun();
    awaitCommitAbove(run, 0);
    Process replacement =
        WorkerProgram.startAnother(
            WorkerRole.TRAIN,
            site.config().orElseThrow(),
            site.environment(),
            folder.resolve("second.log"));
    ProcessHandle zombie = site.process("worker-train").orElseThrow();
    int logged = log("worker-train").length();
    Signals.send("STOP", zombie.pid());
    return new Frozen(run, fence(run), zombie, logged, replacement);
  }

  /** Of whoever owns the track now, whether or not it committed anything. */
  private long fence(RunId run) {
    return site.services()
        .database()
        .read(
            handle ->
                handle
                    .createQuery("SELECT fence FROM track WHERE id = :id")
                    .bind("id", TrackId.of(run, "pretrain").toString())
                    .mapTo(Long.class)
                    .one());
  }

  private boolean isOver(RunId run) {
    return site.runs()
        .status(run)
        .filter(status -> status != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING)
        .isPresent();
  }

  private static AssertionError tooLate() {
    return new AssertionError(STRIKES_MAX + " runs were through before they were struck");
  }

  private Optional<CheckpointRow> firstAbove(Frozen frozen) {
    return commits(frozen.run()).stream()
        .filter(row -> row.fence() > frozen.fence())
        .min(Comparator.comparing(row -> row.ref().step()));
  }

  /** Row 26. */
  @Test
  void aWorkerToldToEndCommitsHandsItsSegmentOverAndLeavesInTime() throws Exception {
    RunId run = startRun();
    Optional<SegmentResult> early = earlyEnd(run);
    for (int i = 1; i < STRIKES_MAX && early.isEmpty(); i++) {
      // it was through when the worker heard of it
      run = startRun();
      early = earlyEnd(run);
    }
    SegmentResult handedOver = early.orElseThrow(EndingWorkersIT::tooLate);
    assertThat(handedOver.step()).as("it ended before the run was through").isLessThan(STEPS);
    assertThat(commits(run))
        .as("what it had done is committed")
        .anyMatch(row -> row.ref().step() == handedOver.step());
    assertThat(twin.differences(Twin.of(run, site.services()))).isEmpty();
  }

  /**
   * Tells the worker to end while it trains; how it handed its segment over, if it still had one.
   */
  private Optional<SegmentResult> earlyEnd(RunId run) throws Exception {
    awaitCommitAbove(run, 0);
    ProcessHandle worker = site.process("worker-train").orElseThrow();

    worker.destroy();

    worker.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    await().atMost(LIMIT).until(() -> site.process("worker-train").isPresent());
    site.runs().result(run);
    return segments(run).stream()
        .filter(segment -> segment.end() == SegmentResult.End.EARLY)
        .findFirst();
  }

  @Test
  void aSupervisorToldToEndStopsEverythingInOrderAndTheRunGoesOnLater() throws Exception {
    RunId run = startRun();
    awaitCommitAbove(run, 0);
    StackState state = site.state().orElseThrow();
    ProcessHandle supervisor = state.supervisor().alive().orElseThrow();

    supervisor.destroy();

    supervisor.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    Set<String> left = new HashSet<>();
    state.children().stream()
        .filter(child -> child.alive().isPresent())
        .map(ProcessId::name)
        .forEach(left::add);
    assertThat(left).isEmpty();
    assertThat(Files.readAllLines(site.home().logs().resolve("startup.log")))
        .filteredOn(line -> line.contains("ended"))
        .extracting(line -> line.strip().split(" ")[0])
        .endsWith("workers", "temporal", "objects", "postgres");

    site.up(line -> {});
    site.runs().result(run);
    assertThat(twin.differences(Twin.of(run, site.services()))).isEmpty();
  }

  private static JsonNode request() {
    ObjectNode request = (ObjectNode) ChaosRecipe.request();
    ArrayNode stages = (ArrayNode) request.get("recipe").get("stages");
    while (stages.size() > 2) {
      stages.remove(2);
    }
    ((ObjectNode) stages.get(1)).put("steps", STEPS);
    ((ObjectNode) stages.get(1).get("checkpointing")).put("period", PERIOD);
    return request;
  }

  private RunId startRun() {
    RunId run = new RunId("ending-" + ++runs);
    site.runs().start(run, request(), "to be disturbed");
    return run;
  }

  private CheckpointRow awaitCommitAbove(RunId run, long step) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> newest(run).filter(row -> row.ref().step() > step).isPresent());
    return newest(run).orElseThrow();
  }

  private Optional<CheckpointRow> newest(RunId run) {
    return commits(run).stream().max(Comparator.comparing(row -> row.ref().step()));
  }

  private List<CheckpointRow> commits(RunId run) {
    return site.services().lineage().checkpoints(run);
  }

  private String log(String name) throws Exception {
    return Files.readString(site.home().logs().resolve(name + ".log"));
  }

  /** What the run's training segments ended with, in order. */
  private List<SegmentResult> segments(RunId run) {
    List<HistoryEvent> events =
        site.services().workflows().fetchHistory(run + "/pretrain").getEvents();
    Set<Long> trained = new HashSet<>();
    events.stream()
        .filter(HistoryEvent::hasActivityTaskScheduledEventAttributes)
        .filter(
            e ->
                e.getActivityTaskScheduledEventAttributes()
                    .getActivityType()
                    .getName()
                    .equals("TrainSegment"))
        .forEach(e -> trained.add(e.getEventId()));
    return events.stream()
        .filter(HistoryEvent::hasActivityTaskCompletedEventAttributes)
        .map(HistoryEvent::getActivityTaskCompletedEventAttributes)
        .filter(a -> trained.contains(a.getScheduledEventId()))
        .map(
            a ->
                Payloads.converter()
                    .fromPayloads(
                        0, Optional.of(a.getResult()), SegmentResult.class, SegmentResult.class))
        .toList();
  }
}
