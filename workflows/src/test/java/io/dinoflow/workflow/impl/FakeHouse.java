package io.dinoflow.workflow.impl;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.AlignActivities;
import io.dinoflow.workflow.activity.CurateActivities;
import io.dinoflow.workflow.activity.DistillActivities;
import io.dinoflow.workflow.activity.EvaluateActivities;
import io.dinoflow.workflow.activity.IngestActivities;
import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.activity.RunActivities;
import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.activity.SegmentResult.End;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.activity.TrainActivities;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import io.temporal.failure.ApplicationFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * All activities over a store in memory: what is committed is a step a track. Segments may be held
 * at a step until they are cancelled, so that tests can act while one runs.
 */
final class FakeHouse
    implements RunActivities,
        IngestActivities,
        CurateActivities,
        TrainActivities,
        DistillActivities,
        AlignActivities,
        EvaluateActivities {
  private static final Sha256 RECIPE = Sha256.ofText("recipe");

  private final List<StagePlan> plans;
  private final Map<TrackId, Long> heads = new ConcurrentHashMap<>();
  private final Map<String, StageResult> done = new ConcurrentHashMap<>();
  final List<String> book = new CopyOnWriteArrayList<>();
  final List<TrainSegment> segments = new CopyOnWriteArrayList<>();
  final List<DistillSegment> groupSegments = new CopyOnWriteArrayList<>();

  /** Says which segment stops halfway and waits to be told to end. */
  volatile Predicate<TrainSegment> held = segment -> false;

  /** The same of a group's segments. */
  volatile Predicate<DistillSegment> groupHeld = segment -> false;

  /** Whether bringing pictures in waits to be told to end. */
  volatile boolean ingestHeld;

  final CountDownLatch holding = new CountDownLatch(1);
  volatile Optional<CyclicBarrier> groupsMeet = Optional.empty();
  volatile Optional<ApplicationFailure> trainFailure = Optional.empty();
  volatile Function<Recover, Recovery> recovery =
      request -> new Recovery(Recovery.Action.GIVE_UP, "no policy");
  volatile boolean finished;

  FakeHouse(List<StagePlan> plans) {
    this.plans = plans;
  }

  @Override
  public OpenedRun openRun(OpenRequest request) {
    JsonNode recipe = request.request().path("recipe");
    if (!recipe.isTextual()) {
      throw ApplicationFailure.newNonRetryableFailure(
          "The run was not started, because of 2 problems:\n- recipe: is missing\n- colour: unknown field",
          Failures.BAD_CONFIG);
    }
    book.add("open");
    return new OpenedRun(
        new RunId(request.workflowId()),
        recipe.textValue(),
        RECIPE,
        true,
        0,
        plans,
        finished ? List.copyOf(done.values()) : List.of());
  }

  @Override
  public BegunStage beginStage(BeginStage request) {
    book.add("begin " + request.stage());
    return new BegunStage(
        Optional.ofNullable(done.get(request.stage())), Sha256.ofText(request.stage()));
  }

  @Override
  public StageResult findImported(FindImported request) {
    book.add("find " + request.stage());
    TrackId track = TrackId.of(new RunId("import-model"), "imported");
    CheckpointRef found = new CheckpointRef(RECIPE, track, 0, RECIPE);
    return StageResult.trained(request.stage(), List.of(found), List.of());
  }

  @Override
  public void finishStage(FinishStage request) {
    book.add("finish " + request.stage());
    done.put(request.stage(), request.result());
  }

  @Override
  public void noteStage(NoteStage request) {
    book.add("%s %s: %s".formatted(request.stage(), request.state(), request.reason()));
  }

  @Override
  public void noteRun(NoteRun request) {
    book.add("run %s: %s".formatted(request.state(), request.reason()));
  }

  @Override
  public String overrideRecipe(OverrideRequest request) {
    if (request.overrides().containsKey("pretrain.colour")) {
      throw ApplicationFailure.newNonRetryableFailure(
          "Nothing was changed:\n- pretrain.colour: names no field", Failures.BAD_CONFIG);
    }
    book.add("override " + request.overrides() + ": " + request.reason());
    return "changed";
  }

  @Override
  public Recovery recover(Recover request) {
    book.add(
        "recover %s at %d, retries %d"
            .formatted(request.scope(), request.step(), request.retries()));
    return recovery.apply(request);
  }

  @Override
  public void closeRun(CloseRun request) {
    book.add("close %s: %s".formatted(request.state(), request.reason()));
  }

  @Override
  public RetrainDecision decideRetrain(RetrainQuestion question) {
    boolean start = question.always();
    return new RetrainDecision(start, start ? "asked to" : "nothing new", question.request());
  }

  @Override
  public Ingested ingest(IngestRequest request) {
    if (ingestHeld) {
      throw holdUntilTold();
    }
    return new Ingested(source(), "took the shape set, because a test asked", List.of());
  }

  @Override
  public Curated curate(CurateRequest request) {
    DatasetRef dataset =
        new DatasetRef(ArtifactKind.DATASET, "shapes", Sha256.ofText("curated"), 80);
    return new Curated(dataset, List.of(Metric.of("shards", 2)));
  }

  static DatasetRef source() {
    return new DatasetRef(ArtifactKind.SOURCE, "shapes", Sha256.ofText("source"), 100);
  }

  @Override
  public SegmentResult trainSegment(TrainSegment request) {
    segments.add(request);
    trainFailure.ifPresent(
        failure -> {
          throw failure;
        });
    long first = plan(request.track().stage()).firstStep();
    if (held.test(request)) {
      long halfway = (heads.getOrDefault(request.track(), first) + request.untilStep()) / 2;
      holdUntilTold();
      return commit(List.of(request.track()), halfway, End.EARLY);
    }
    long head = heads.getOrDefault(request.track(), first);
    if (head < request.fromStep()) {
      return new SegmentResult(head, End.REWOUND, refs(List.of(request.track()), head), List.of());
    }
    return commit(List.of(request.track()), request.untilStep(), End.REACHED);
  }

  /** What it was told with; a real activity commits and lets it pass. */
  private ActivityCompletionException holdUntilTold() {
    ActivityExecutionContext context = Activity.getExecutionContext();
    CountDownLatch never = new CountDownLatch(1);
    try {
      while (true) {
        context.heartbeat(Progress.ofPhase("pretrain", "training", ""));
        holding.countDown();
        boolean opened = never.await(20, TimeUnit.MILLISECONDS);
        if (opened) {
          throw new IllegalStateException("nobody opens this latch");
        }
      }
    } catch (ActivityCompletionException told) {
      return told;
    } catch (InterruptedException e) {
      throw Activity.wrap(e);
    }
  }

  @Override
  public SegmentResult distillSegment(DistillSegment request) {
    groupSegments.add(request);
    groupsMeet.ifPresent(FakeHouse::meet);
    List<TrackId> tracks =
        request.students().stream()
            .map(s -> TrackId.ofStudent(request.run(), request.stage(), s))
            .toList();
    if (groupHeld.test(request)) {
      holdUntilTold();
      return commit(tracks, request.untilStep() / 2, End.EARLY);
    }
    return commit(tracks, request.untilStep(), End.REACHED);
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(2, TimeUnit.MINUTES);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw ApplicationFailure.newNonRetryableFailure("the groups did not run together", "Alone");
    }
  }

  @Override
  public SegmentResult alignSegment(AlignSegment request) {
    return commit(List.of(request.track()), request.untilStep(), End.REACHED);
  }

  @Override
  public Evaluated evaluate(EvaluateRequest request) {
    book.add(
        "evaluate " + request.subjects().size() + " subjects, text " + request.text().isPresent());
    return new Evaluated(
        new ArtifactRef(ArtifactKind.EVALUATION, Sha256.ofText("report")),
        List.of(Metric.of("pretrain.knn10.top1", 0.62)));
  }

  /** As if a blob had turned out damaged: the head falls back. */
  void fallBack(TrackId track, long step) {
    heads.put(track, step);
  }

  private SegmentResult commit(List<TrackId> tracks, long step, End end) {
    for (TrackId track : tracks) {
      heads.merge(track, step, Math::max);
    }
    return new SegmentResult(step, end, refs(tracks, step), List.of(Metric.of("total_loss", 5.5)));
  }

  private static List<CheckpointRef> refs(List<TrackId> tracks, long step) {
    List<CheckpointRef> refs = new ArrayList<>();
    for (TrackId track : tracks) {
      refs.add(ref(track, step));
    }
    return refs;
  }

  static CheckpointRef ref(TrackId track, long step) {
    Sha256 state = Sha256.ofText(track + "@" + step);
    return new CheckpointRef(state, track, step, state);
  }

  private StagePlan plan(String stage) {
    return plans.stream().filter(p -> p.name().equals(stage)).findFirst().orElseThrow();
  }
}
