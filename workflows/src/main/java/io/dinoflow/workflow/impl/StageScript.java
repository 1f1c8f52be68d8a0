package io.dinoflow.workflow.impl;

import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.workflow.SearchAttributes;
import io.dinoflow.workflow.activity.RunActivities;
import io.dinoflow.workflow.activity.RunActivities.BeginStage;
import io.dinoflow.workflow.activity.RunActivities.BegunStage;
import io.dinoflow.workflow.activity.RunActivities.FinishStage;
import io.dinoflow.workflow.activity.RunActivities.NoteStage;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.SegmentsCarried;
import io.dinoflow.workflow.api.StageRequest;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import java.util.Optional;
import java.util.function.Function;

/** What every stage does around its work: look for an earlier result, record, tell how it ended. */
final class StageScript {
  private final StageRequest request;
  private final StopGate stop;
  private final RunActivities book;

  StageScript(StageRequest request, StopGate stop) {
    this.request = request;
    this.stop = stop;
    this.book = Calls.book(request.plan().name() + ": book-keeping");
  }

  /**
   * @param source the images a Curate stage starts from
   * @param work makes the result; gets the reuse key
   */
  StageResult perform(Optional<DatasetRef> source, Function<Sha256, StageResult> work) {
    return guarded(
        () -> {
          tell(States.RUNNING);
          Optional<Sha256> carriedKey = request.carried().map(SegmentsCarried::reuseKey);
          if (carriedKey.isPresent()) {
            return finish(carriedKey.get(), work);
          }
          BegunStage begun =
              book.beginStage(
                  new BeginStage(
                      request.run(),
                      request.recipe(),
                      request.plan().name(),
                      source,
                      request.inputs(),
                      request.reuse()));
          if (begun.done().isPresent()) {
            StageResult done = begun.done().get();
            tell(States.DONE);
            Workflow.setCurrentDetails(
                "**%s** was not run again%s"
                    .formatted(
                        request.plan().name(),
                        done.reusedFrom().map(run -> ": taken from run " + run).orElse("")));
            return done;
          }
          return finish(begun.reuseKey(), work);
        });
  }

  private StageResult finish(Sha256 reuseKey, Function<Sha256, StageResult> work) {
    StageResult result = work.apply(reuseKey);
    book.finishStage(new FinishStage(request.run(), request.plan().name(), reuseKey, result));
    tell(States.DONE);
    return result;
  }

  /**
   * Runs {@code work}; records how it failed, or that it was cancelled or stopped, and lets that
   * pass.
   */
  <T> T guarded(java.util.function.Supplier<T> work) {
    try {
      return stop.run(work);
    } catch (TemporalFailure failure) {
      boolean cancelled = Reasons.isCancellation(failure) && Reasons.cancelRequested();
      Optional<String> stopped = cancelled ? Optional.empty() : stopped(failure);
      String state = cancelled || stopped.isPresent() ? States.CANCELLED : States.FAILED;
      String reason = cancelled ? "cancelled" : stopped.orElseGet(() -> Reasons.text(failure));
      Workflow.newDetachedCancellationScope(
              () -> {
                note(state, reason);
                tell(state);
                Workflow.setCurrentDetails(
                    "**%s** %s: %s".formatted(request.plan().name(), state, reason));
              })
          .run();
      if (cancelled) {
        throw new CanceledFailure(request.plan().name() + " was cancelled");
      }
      if (stopped.isPresent()) {
        throw StopGate.failure(stopped.get());
      }
      throw failure;
    }
  }

  /** In words, where the stage or a group of it was asked to stop. */
  private Optional<String> stopped(TemporalFailure failure) {
    return stop.ended(failure)
        ? Optional.of("stage %s was stopped: %s".formatted(request.plan().name(), stop.reason()))
        : StopGate.told(failure);
  }

  void note(String state, String reason) {
    book.noteStage(new NoteStage(request.run(), request.plan().name(), state, reason));
  }

  void tell(String state) {
    Workflow.upsertTypedSearchAttributes(
        SearchAttributes.DINO_RUN.valueSet(request.run().value()),
        SearchAttributes.STAGE.valueSet(request.plan().name()),
        SearchAttributes.RUN_STATUS.valueSet(state));
  }
}
