package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.ops.Home;
import io.dinoflow.ops.ScheduleFailure;
import io.dinoflow.ops.Schedules;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.SearchAttributes;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.RunActivities;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.impl.FlowOptions;
import io.dinoflow.workflow.impl.Workflows;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.failure.ApplicationFailure;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schedules on a real Temporal server, with decisions made by hand. */
class SchedulesIT {
  private static final Duration FIRED_MAX = Duration.ofSeconds(60);

  @TempDir Path folder;
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final Decider decider = new Decider();
  private Optional<Process> server = Optional.empty();
  private Optional<WorkerFactory> workers = Optional.empty();
  private Optional<WorkflowServiceStubs> stubs = Optional.empty();
  private Optional<Schedules> opened = Optional.empty();

  @BeforeEach
  void startTemporalAndAWorker() throws Exception {
    Programs programs = new Programs(Map.copyOf(System.getenv()));
    Optional<Path> program =
        new TemporalProgram(programs, TemporalProgram.PUBLISHER, said::add).locate();
    assumeTrue(program.isPresent(), "no Temporal server: put `temporal` or `go` on PATH");
    Ports ports = new Ports(said::add);
    TemporalServer.Addresses addresses =
        new TemporalServer.Addresses(ports.any(), ports.any(), ports.any(), ports.any());
    server =
        Optional.of(
            new ProcessBuilder(
                    TemporalServer.command(
                        program.get(), new Home(folder), addresses, SearchAttributes.TYPES))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("temporal.log").toFile())
                .start());
    TemporalServer.awaitReady(addresses.frontend());
    WorkflowServiceStubs service =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(addresses.frontend()).build());
    stubs = Optional.of(service);
    WorkflowClient client =
        WorkflowClient.newInstance(
            service,
            WorkflowClientOptions.newBuilder().setDataConverter(Payloads.converter()).build());
    WorkerFactory factory = WorkerFactory.newInstance(client);
    Workflows.register(factory.newWorker(TaskQueues.PIPELINE), FlowOptions.embedded());
    Worker light = factory.newWorker(TaskQueues.LIGHT);
    light.registerActivitiesImplementations(decider);
    factory.start();
    workers = Optional.of(factory);
    opened = Optional.of(new Schedules(client));
  }

  @AfterEach
  void stopWhatWasStarted() throws Exception {
    workers.ifPresent(
        factory -> {
          factory.shutdownNow();
          factory.awaitTermination(10, TimeUnit.SECONDS);
        });
    stubs.ifPresent(WorkflowServiceStubs::shutdownNow);
    if (server.isPresent()) {
      server.get().destroy();
      assertThat(server.get().waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void firesDecidesAndTellsWhy() {
    schedules().create(draft("nightly", Schedules.Times.every(Duration.ofDays(365))));
    Schedules.Story before = schedules().story("nightly");
    assertThat(before.firings()).isEmpty();
    assertThat(before.schedule().next()).isNotEmpty();
    assertThat(before.schedule().recipe()).isEqualTo("demo");

    schedules().trigger("nightly");
    Schedules.Firing stayed = awaitFiring(1, "no run");
    assertThat(stayed.reason()).isEqualTo("dataset birds is still at version 1");
    assertThat(stayed.run()).isEmpty();

    decider.starts = true;
    schedules().trigger("nightly");
    Schedules.Firing failed = awaitFiring(2, "failed");
    assertThat(failed.reason()).contains("this recipe cannot be run");
    assertThat(failed.run()).get().isEqualTo(decider.asked.get(1).run());
    assertThat(decider.asked)
        .allSatisfy(question -> assertThat(question.schedule()).isEqualTo("nightly"))
        .allSatisfy(
            question -> assertThat(question.request().get("recipe").asText()).isEqualTo("demo"));
    assertThat(schedules().story("nightly").fired()).isEqualTo(2);
  }

  @Test
  void pausesResumesListsAndForgets() {
    schedules().create(draft("b", Schedules.Times.cron("0 3 * * *", ZoneId.of("Europe/Berlin"))));
    schedules().create(draft("a", Schedules.Times.every(Duration.ofHours(6))));

    schedules().pause("b", "holidays");

    assertThat(schedules().story("b").schedule().paused()).isTrue();
    assertThat(schedules().story("b").schedule().note()).isEqualTo("holidays");
    await()
        .atMost(FIRED_MAX)
        .untilAsserted(
            () ->
                assertThat(schedules().list())
                    .extracting(Schedules.Summary::name, Schedules.Summary::paused)
                    .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", false),
                        org.assertj.core.groups.Tuple.tuple("b", true)));
    schedules().resume("b");
    assertThat(schedules().story("b").schedule().paused()).isFalse();
    schedules().delete("b");
    assertThat(refused(() -> schedules().story("b"))).isEqualTo(ScheduleFailure.Kind.UNKNOWN);
  }

  @Test
  void saysWhatTemporalDoesNotTake() {
    schedules().create(draft("a", Schedules.Times.every(Duration.ofHours(6))));

    assertThat(
            refused(
                () -> schedules().create(draft("a", Schedules.Times.every(Duration.ofHours(1))))))
        .isEqualTo(ScheduleFailure.Kind.EXISTS);
    assertThat(
            refused(
                () ->
                    schedules()
                        .create(draft("c", Schedules.Times.cron("at dawn", ZoneId.of("UTC"))))))
        .isEqualTo(ScheduleFailure.Kind.REFUSED);
    assertThat(refused(() -> schedules().trigger("nobody")))
        .isEqualTo(ScheduleFailure.Kind.UNKNOWN);
  }

  private Schedules schedules() {
    return opened.orElseThrow();
  }

  private Schedules.Firing awaitFiring(int count, String state) {
    await()
        .atMost(FIRED_MAX)
        .untilAsserted(
            () -> {
              List<Schedules.Firing> firings = schedules().story("nightly").firings();
              assertThat(firings).hasSize(count);
              assertThat(firings.get(0).state()).isEqualTo(state);
            });
    return schedules().story("nightly").firings().get(0);
  }

  private static ScheduleFailure.Kind refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(ScheduleFailure.class, call).kind();
  }

  private static Schedules.Draft draft(String name, Schedules.Times times) {
    return new Schedules.Draft(
        name,
        "demo",
        new ObjectMapper().createObjectNode().put("recipe", "demo"),
        times,
        Schedules.Decision.WHEN_DATA_IS_NEW);
  }

  /** Decides as it is told, and lets no run be opened. */
  private static final class Decider implements RunActivities {
    private final List<RetrainQuestion> asked = new CopyOnWriteArrayList<>();
    private volatile boolean starts;

    @Override
    public RetrainDecision decideRetrain(RetrainQuestion question) {
      asked.add(question);
      return new RetrainDecision(
          starts,
          starts ? "dataset birds has version 2" : "dataset birds is still at version 1",
          question.request());
    }

    @Override
    public OpenedRun openRun(OpenRequest request) {
      throw ApplicationFailure.newNonRetryableFailure(
          "this recipe cannot be run", Failures.BAD_CONFIG);
    }

    @Override
    public BegunStage beginStage(BeginStage request) {
      throw unexpected();
    }

    @Override
    public StageResult findImported(FindImported request) {
      throw unexpected();
    }

    @Override
    public void finishStage(FinishStage request) {
      throw unexpected();
    }

    @Override
    public void noteStage(NoteStage request) {
      throw unexpected();
    }

    @Override
    public void noteRun(NoteRun request) {
      throw unexpected();
    }

    @Override
    public String overrideRecipe(OverrideRequest request) {
      throw unexpected();
    }

    @Override
    public Recovery recover(Recover request) {
      throw unexpected();
    }

    @Override
    public void closeRun(CloseRun request) {
      throw unexpected();
    }

    private static AssertionError unexpected() {
      return new AssertionError("no run was opened");
    }
  }
}
