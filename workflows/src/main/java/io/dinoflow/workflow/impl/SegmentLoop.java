package io.dinoflow.workflow.impl;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.workflow.SearchAttributes;
import io.dinoflow.workflow.activity.RunActivities.Recovery;
import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.api.PipelineWorkflow;
import io.dinoflow.workflow.api.SegmentsCarried;
import io.dinoflow.workflow.api.StageProgress;
import io.dinoflow.workflow.api.StageRequest;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.SignalExternalWorkflowException;
import io.temporal.workflow.Workflow;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;

/**
 * Trains in segments until the stage's last step: what Train, Distill and AlignText share.
 *
 * <p>A segment ends where the Gram teacher changes, where the activity says so, or at a pause; the
 * next begins from what is committed. The loop trusts the step that the activity reports, also when
 * it lies behind: then the choices made after it are forgotten.
 */
final class SegmentLoop {
  private static final Logger LOG = Workflow.getLogger(SegmentLoop.class);

  /** One segment, by activity; the first one is asked for the steps that are to be recorded. */
  interface Segment {
    SegmentResult run(
        long from,
        long until,
        Optional<CheckpointRef> gramTeacher,
        int profileSteps,
        String summary);
  }

  /** Continues as new; does not return. */
  interface Successor {
    void continueWith(SegmentsCarried state);
  }

  /** Records a pause and its end. */
  interface Notes {
    void note(String state, String reason);
  }

  private final StageRequest request;
  private final String title;
  private final FlowOptions options;
  private final PauseGate gate;
  private final Segment segment;
  private final Notes notes;
  private final Recoveries recoveries;
  private final GramTeachers teachers;
  private long step;
  private int segments;
  private int segmentsHere;
  private String state = States.RUNNING;
  private List<CheckpointRef> checkpoints = List.of();
  private List<Metric> metrics = List.of();

  SegmentLoop(
      StageRequest request,
      String title,
      FlowOptions options,
      PauseGate gate,
      Segment segment,
      Notes notes) {
    this.request = request;
    this.title = title;
    this.options = options;
    this.gate = gate;
    this.segment = segment;
    this.notes = notes;
    this.recoveries = new Recoveries(request, title);
    Optional<SegmentsCarried> carried = request.carried();
    this.step = carried.map(SegmentsCarried::step).orElse(request.plan().firstStep());
    this.segments = carried.map(SegmentsCarried::segments).orElse(0);
    this.teachers =
        new GramTeachers(
            request.plan().gram(),
            request.plan().firstStep(),
            request.plan().lastStep(),
            carried.map(SegmentsCarried::gramTeachers).orElseGet(() -> first(request)));
    carried.filter(SegmentsCarried::paused).ifPresent(c -> gate.pause(c.pauseReason()));
  }

  private static List<CheckpointRef> first(StageRequest request) {
    return request
        .plan()
        .gram()
        .map(gram -> List.of(request.input(gram.from()).checkpoint(Optional.empty())))
        .orElse(List.of());
  }

  /** Runs to the stage's last step, or continues as new through {@code successor}. */
  SegmentResult run(io.dinoflow.model.artifact.Sha256 reuseKey, Successor successor) {
    SegmentResult last = oneSegment();
    while (step < request.plan().lastStep()) {
      if (segmentsHere >= options.segmentsMax() || Workflow.getInfo().isContinueAsNewSuggested()) {
        Workflow.await(Workflow::isEveryHandlerFinished);
        failIfCancelled();
        successor.continueWith(
            new SegmentsCarried(
                step,
                segments,
                recoveries.retries(),
                reuseKey,
                teachers.chosen(),
                gate.paused(),
                gate.reason()));
      }
      last = oneSegment();
    }
    state = States.DONE;
    show();
    return last;
  }

  /** Until a segment says how far it came; pauses may cut any number of them before. */
  private SegmentResult oneSegment() {
    while (true) {
      gate.awaitOpen(this::pauseChanged);
      long until = teachers.until(step);
      show();
      Optional<SegmentResult> result = tried(until);
      failIfCancelled();
      if (result.isPresent()) {
        take(result.get());
        return result.get();
      }
    }
  }

  /** What was asked while nothing that a cancellation could cut went on. */
  private void failIfCancelled() {
    if (Reasons.cancelRequested()) {
      throw new io.temporal.failure.CanceledFailure(title + " was cancelled");
    }
  }

  /**
   * @return empty when a pause or a refused step cut the segment: it is tried again from what is
   *     committed
   */
  private Optional<SegmentResult> tried(long until) {
    try {
      return gate.run(
          () ->
              segment.run(
                  teachers.since(step),
                  until,
                  teachers.at(step),
                  segments == 0 ? request.profileSteps() : 0,
                  "%s: steps %s to %s".formatted(title, grouped(step), grouped(until))));
    } catch (TemporalFailure failure) {
      Recovery recovery = recoveries.after(failure).orElseThrow(() -> failure);
      if (recovery.action() == Recovery.Action.ASK) {
        ask(recovery.text());
      }
      return Optional.empty();
    }
  }

  /** Pauses the whole run, so that it is resumed like any other. */
  private void ask(String question) {
    gate.pause(question);
    try {
      Workflow.newExternalWorkflowStub(PipelineWorkflow.class, request.run().value())
          .pauseSignal(question);
    } catch (SignalExternalWorkflowException gone) {
      LOG.info("no run to pause, the stage waits by itself: {}", gone.getMessage());
    }
  }

  private void take(SegmentResult result) {
    if (result.step() < step) {
      teachers.rewind(result.step());
    }
    step = result.step();
    checkpoints = result.checkpoints();
    metrics = result.metrics();
    segments++;
    segmentsHere++;
    checkpoints.stream().findFirst().ifPresent(teachers::reached);
    Workflow.upsertTypedSearchAttributes(SearchAttributes.TRAIN_STEP.valueSet(step));
    loss()
        .ifPresent(
            l -> Workflow.upsertTypedSearchAttributes(SearchAttributes.TRAIN_LOSS.valueSet(l)));
    show();
  }

  private void pauseChanged() {
    state = gate.paused() ? States.PAUSED : States.RUNNING;
    notes.note(state, gate.reason());
    Workflow.upsertTypedSearchAttributes(SearchAttributes.RUN_STATUS.valueSet(state));
    show();
  }

  StageProgress progress() {
    return new StageProgress(
        request.plan().name(),
        gate.paused() ? States.PAUSED : state,
        gate.reason(),
        step,
        request.plan().firstStep(),
        request.plan().lastStep(),
        segments,
        checkpoints);
  }

  private Optional<Double> loss() {
    return metrics.stream()
        .filter(m -> m.name().equals("total_loss"))
        .map(Metric::value)
        .findFirst();
  }

  private void show() {
    StringBuilder text = new StringBuilder();
    text.append(
        "**%s** %s, %s of %s steps committed%s%n%n"
            .formatted(
                title,
                gate.paused() ? "paused: " + gate.reason() : state,
                grouped(step - request.plan().firstStep()),
                grouped(request.plan().lastStep() - request.plan().firstStep()),
                loss().map(l -> ", loss " + String.format(Locale.ROOT, "%.3f", l)).orElse("")));
    text.append("| track | step | checkpoint |\n|---|---:|---|\n");
    for (CheckpointRef c : checkpoints) {
      text.append("| %s | %s | %s |%n".formatted(c.track(), grouped(c.step()), c.id().shortForm()));
    }
    teachers
        .at(step)
        .ifPresent(
            t ->
                text.append(
                    "%nGram teacher: %s at step %s (%s)%n"
                        .formatted(t.track(), grouped(t.step()), t.id().shortForm())));
    Workflow.setCurrentDetails(text.toString());
  }

  static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
