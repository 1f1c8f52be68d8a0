package io.dinoflow.ops.embedded;

import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.RunActivities;
import io.dinoflow.workflow.activity.StageResult;
import io.temporal.failure.ApplicationFailure;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Decides as it is told, and lets no run be opened. */
final class Decider implements RunActivities {
  final List<RetrainQuestion> asked = new CopyOnWriteArrayList<>();
  volatile boolean starts;

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
