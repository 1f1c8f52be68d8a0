package io.dinoflow.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Timestamp;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.WorkflowIds;
import io.dinoflow.workflow.api.RetrainWorkflow;
import io.dinoflow.workflow.api.RetrainWorkflow.RetrainRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.api.workflowservice.v1.ListScheduleMatchingTimesRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionResult;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleAlreadyRunningException;
import io.temporal.client.schedules.ScheduleBackfill;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.client.schedules.ScheduleDescription;
import io.temporal.client.schedules.ScheduleHandle;
import io.temporal.client.schedules.ScheduleInfo;
import io.temporal.client.schedules.ScheduleIntervalSpec;
import io.temporal.client.schedules.ScheduleListDescription;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.client.schedules.ScheduleState;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Schedules of runs, as Temporal's own: it keeps them and fires them, also while no process of ours
 * lives. A firing starts a {@link RetrainWorkflow}, which decides whether a run is worth while.
 *
 * <p>The policy, and why:
 *
 * <ul>
 *   <li>Overlap SKIP: a firing while the run of the one before still goes on starts nothing, and is
 *       counted. Training that falls behind must not queue up.
 *   <li>Catch-up window of one hour: a firing that fell into a short outage is made up for; what a
 *       machine slept through overnight is not started in the morning, but counted as missed.
 *   <li>A failed run does not pause the schedule: most failures pass, a lasting one is shown by
 *       {@code why} at every firing, and a schedule that stopped by itself is noticed too late.
 * </ul>
 *
 * <p>Every method fails with {@link ScheduleFailure} where Temporal says no.
 */
public final class Schedules {
  static final Duration CATCH_UP = Duration.ofHours(1);
  private static final String RECIPE = "recipe";
  private static final String WHEN = "when";

  private final WorkflowClient workflows;
  private final ScheduleClient schedules;
  private final Firings firings;

  public Schedules(WorkflowClient workflows) {
    this.workflows = workflows;
    this.firings = new Firings(workflows);
    this.schedules =
        ScheduleClient.newInstance(
            workflows.getWorkflowServiceStubs(),
            ScheduleClientOptions.newBuilder()
                .setNamespace(workflows.getOptions().getNamespace())
                .setDataConverter(workflows.getOptions().getDataConverter())
                .build());
  }

  /** When a schedule fires: by cron expression in a time zone, or at an interval. */
  public record Times(Optional<String> cron, ZoneId zone, Optional<Duration> every) {
    public static Times cron(String expression, ZoneId zone) {
      return new Times(Optional.of(expression), zone, Optional.empty());
    }

    public static Times every(Duration interval) {
      return new Times(Optional.empty(), ZoneId.of("UTC"), Optional.of(interval));
    }

    /** In words, as lists show it. */
    public String words() {
      return cron.map(expression -> "cron \"%s\" %s".formatted(expression, zone))
          .orElseGet(() -> "every " + typed(every.orElseThrow()));
    }

    /** As people type it: {@code 6h}, {@code 1h30m}. */
    private static String typed(Duration span) {
      return part(span.toDays(), "d")
          + part(span.toHoursPart(), "h")
          + part(span.toMinutesPart(), "m")
          + part(span.toSecondsPart(), "s");
    }

    private static String part(long number, String unit) {
      return number == 0 ? "" : number + unit;
    }
  }

  /**
   * A schedule to be made.
   *
   * @param name becomes the first part of its runs' ids
   * @param recipe the recipe's name, for lists
   * @param request what every firing is started with
   */
  public record Draft(
      String name, String recipe, RetrainRequest request, Times times, Policy policy) {
    /** One that only starts runs. */
    public static Draft plain(
        String name, String recipe, JsonNode pipeline, Times times, Decision when) {
      return new Draft(
          name,
          recipe,
          RetrainRequest.plain(name, pipeline, when == Decision.ALWAYS),
          times,
          Policy.STANDARD);
    }
  }

  /**
   * What Temporal does with firings that collide or come late.
   *
   * @param jitter a firing is late by up to so much, so that not all begin at once
   */
  public record Policy(ScheduleOverlapPolicy overlap, Duration catchUp, Duration jitter) {
    /** The one that the class doc gives the reasons of. */
    public static final Policy STANDARD =
        new Policy(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP, CATCH_UP, Duration.ZERO);
  }

  /** Whether a firing starts a run though no data is new. */
  public enum Decision {
    WHEN_DATA_IS_NEW,
    ALWAYS
  }

  /**
   * A schedule as lists show it.
   *
   * @param note why it is paused
   */
  public record Summary(
      String name, String recipe, String when, boolean paused, String note, List<Instant> next) {
    public Summary {
      next = List.copyOf(next);
    }
  }

  /**
   * A schedule with what became of it.
   *
   * @param fired firings that started something
   * @param skipped firings while the run before still went on
   * @param missed firings that an outage longer than the catch-up window swallowed
   * @param firings the last ones, newest first; Temporal keeps ten
   */
  public record Story(
      Summary schedule, long fired, long skipped, long missed, List<Firing> firings) {
    public Story {
      firings = List.copyOf(firings);
    }

    /** The same with firings that more is known of. */
    public Story with(List<Firing> explained) {
      return new Story(schedule, fired, skipped, missed, explained);
    }
  }

  /**
   * One firing.
   *
   * @param state {@code running}, {@code done}, {@code no run}, {@code failed} or {@code
   *     cancelled}; of a retraining one its recorded outcome
   * @param run the run it started; while it is undecided, the one it would start
   * @param reason the recorded decision, or why it failed
   * @param startedAt when Temporal started it
   * @param closedAt when it ended
   */
  public record Firing(
      Instant scheduledAt,
      String workflowId,
      String state,
      Optional<RunId> run,
      String reason,
      Instant startedAt,
      Optional<Instant> closedAt) {}

  /** The schedule as Temporal gets it. */
  public static Schedule of(Draft draft) {
    ScheduleSpec.Builder spec = ScheduleSpec.newBuilder();
    draft
        .times()
        .cron()
        .ifPresent(
            expression ->
                spec.setCronExpressions(List.of(expression))
                    .setTimeZoneName(draft.times().zone().getId()));
    draft
        .times()
        .every()
        .ifPresent(interval -> spec.setIntervals(List.of(new ScheduleIntervalSpec(interval))));
    if (!draft.policy().jitter().isZero()) {
      spec.setJitter(draft.policy().jitter());
    }
    return Schedule.newBuilder()
        .setAction(
            ScheduleActionStartWorkflow.newBuilder()
                .setWorkflowType(RetrainWorkflow.class)
                .setOptions(
                    WorkflowOptions.newBuilder()
                        .setWorkflowId(WorkflowIds.retrain(draft.name()))
                        .setTaskQueue(TaskQueues.PIPELINE)
                        .build())
                .setArguments(draft.request())
                .build())
        .setSpec(spec.build())
        .setPolicy(
            SchedulePolicy.newBuilder()
                .setOverlap(draft.policy().overlap())
                .setCatchupWindow(draft.policy().catchUp())
                .setPauseOnFailure(false)
                .build())
        .setState(ScheduleState.newBuilder().build())
        .build();
  }

  /** Makes a schedule; it fires from now on. */
  public void create(Draft draft) {
    asked(
        draft.name(),
        () ->
            schedules.createSchedule(
                draft.name(),
                of(draft),
                ScheduleOptions.newBuilder()
                    .setMemo(Map.of(RECIPE, draft.recipe(), WHEN, draft.times().words()))
                    .build()));
  }

  /** All of them, by name. Temporal lists a new one some seconds after it was made. */
  public List<Summary> list() {
    return asked(
        "",
        () ->
            schedules
                .listSchedules()
                .filter(listed -> !MaintenanceSchedules.isOne(listed.getScheduleId()))
                .map(Schedules::summary)
                .sorted(Comparator.comparing(Summary::name))
                .toList());
  }

  /** Fires now; skipped like any other firing while a run of it goes on. */
  public void trigger(String name) {
    change(name, ScheduleHandle::trigger);
  }

  /** Fires for every time that it would have fired at in the past, one after the other. */
  public void backfill(String name, Instant from, Instant to) {
    change(
        name,
        handle ->
            handle.backfill(
                List.of(
                    new ScheduleBackfill(
                        from, to, ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL))));
  }

  /** When it was or would have been due in a span, whether it fired or not. */
  public List<Instant> due(String name, Instant from, Instant to) {
    return asked(
        name,
        () ->
            workflows
                .getWorkflowServiceStubs()
                .blockingStub()
                .listScheduleMatchingTimes(
                    ListScheduleMatchingTimesRequest.newBuilder()
                        .setNamespace(workflows.getOptions().getNamespace())
                        .setScheduleId(name)
                        .setStartTime(timestamp(from))
                        .setEndTime(timestamp(to))
                        .build())
                .getStartTimeList()
                .stream()
                .map(time -> Instant.ofEpochSecond(time.getSeconds(), time.getNanos()))
                .toList());
  }

  private static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  /** No firings until it is resumed. */
  public void pause(String name, String reason) {
    change(name, handle -> handle.pause(reason));
  }

  public void resume(String name) {
    change(name, handle -> handle.unpause("resumed"));
  }

  /** Forgets the schedule; its runs stay. */
  public void delete(String name) {
    change(name, ScheduleHandle::delete);
  }

  /** What became of its last firings, and what comes next. */
  public Story story(String name) {
    ScheduleDescription found = asked(name, () -> schedules.getHandle(name).describe());
    ScheduleInfo info = found.getInfo();
    return new Story(
        new Summary(
            name,
            memo(found.getMemo(RECIPE, String.class)),
            memo(found.getMemo(WHEN, String.class)),
            found.getSchedule().getState().isPaused(),
            String.valueOf(found.getSchedule().getState().getNote()),
            info.getNextActionTimes()),
        info.getNumActions(),
        info.getNumActionsSkippedOverlap(),
        info.getNumActionsMissedCatchupWindow(),
        info.getRecentActions().stream()
            .sorted(Comparator.comparing(ScheduleActionResult::getScheduledAt).reversed())
            .map(result -> firings.of(name, result))
            .toList());
  }

  /**
   * Its story with every time that it was due, each explained by what retraining recorded.
   *
   * @param recorded of this schedule, newest first
   */
  public Story explained(
      String name,
      List<io.dinoflow.storage.registry.Firing> recorded,
      int firingsMax,
      Instant now) {
    Story story = story(name);
    List<Instant> due =
        story.firings().stream()
            .map(Firing::scheduledAt)
            .min(Comparator.naturalOrder())
            .map(oldest -> due(name, oldest, now))
            .orElse(List.of());
    return story.with(
        FiringAccount.of(story.firings(), recorded, due, now).stream().limit(firingsMax).toList());
  }

  private static Summary summary(ScheduleListDescription listed) {
    return new Summary(
        listed.getScheduleId(),
        memo(listed.getMemo(RECIPE, String.class)),
        memo(listed.getMemo(WHEN, String.class)),
        listed.getSchedule().getState().isPaused(),
        String.valueOf(listed.getSchedule().getState().getNote()),
        listed.getInfo().getNextActionTimes());
  }

  /** A schedule that somebody made in the Web UI has no memo of ours. */
  private static String memo(@org.jspecify.annotations.Nullable Object value) {
    return value == null ? "-" : String.valueOf(value);
  }

  private void change(String name, java.util.function.Consumer<ScheduleHandle> change) {
    asked(
        name,
        () -> {
          change.accept(schedules.getHandle(name));
          return name;
        });
  }

  private static <T> T asked(String name, Supplier<T> question) {
    try {
      return question.get();
    } catch (ScheduleAlreadyRunningException e) {
      throw new ScheduleFailure(
          ScheduleFailure.Kind.EXISTS, name, "there is a schedule " + name + " already", e);
    } catch (RuntimeException e) {
      Optional<Status> status = status(e);
      if (status.isEmpty()) {
        throw e;
      }
      switch (status.get().getCode()) {
        case NOT_FOUND:
          throw new ScheduleFailure(
              ScheduleFailure.Kind.UNKNOWN, name, "there is no schedule " + name, e);
        case UNIMPLEMENTED:
          throw new ScheduleFailure(
              ScheduleFailure.Kind.UNSUPPORTED, name, "this Temporal has no schedules", e);
        case INVALID_ARGUMENT:
          throw new ScheduleFailure(
              ScheduleFailure.Kind.REFUSED, name, String.valueOf(status.get().getDescription()), e);
        default:
          throw e;
      }
    }
  }

  /** What Temporal's server said, however it is wrapped. */
  static Optional<Status> status(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof StatusRuntimeException rpc) {
        return Optional.of(rpc.getStatus());
      }
    }
    return Optional.empty();
  }
}
