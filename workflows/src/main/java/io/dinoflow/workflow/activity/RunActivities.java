package io.dinoflow.workflow.activity;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.temporal.activity.ActivityInterface;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run's book-keeping: opening it strictly, what its stages may reuse, and how it ended. Each call
 * may be repeated; the second has no further effect.
 */
@ActivityInterface
public interface RunActivities {

  /**
   * The only strict boundary: reads the request, reports every problem at once, resolves what
   * depends on the machine, and inserts or compares the run.
   *
   * <p>Fails without retry: BadConfig (all problems in one text), SpecConflict.
   */
  OpenedRun openRun(OpenRequest request);

  /** Looks whether the stage's result is there already, in this run or any other. */
  BegunStage beginStage(BeginStage request);

  /**
   * An Import stage's result: the checkpoint that the model was imported as.
   *
   * <p>Fails without retry: BadConfig, where no such model was imported or it is another network.
   */
  StageResult findImported(FindImported request);

  /** Records the result under its reuse key. */
  void finishStage(FinishStage request);

  /** Records a state that is no result: running again, paused, failed, cancelled. */
  void noteStage(NoteStage request);

  /** Records that an open run is paused or running again. */
  void noteRun(NoteRun request);

  /**
   * Replaces values of a run's recipe from the next segment of each named stage on; says what
   * changed, in words.
   *
   * <p>Fails without retry: BadConfig (all problems in one text; then nothing was changed).
   */
  String overrideRecipe(OverrideRequest request);

  /** A training step was refused: follows the recipe's policy and records what it changed. */
  Recovery recover(Recover request);

  /** Records how the run ended; attempts still in flight can commit nothing from then on. */
  void closeRun(CloseRun request);

  /** A schedule fired: says whether a run should start, and records why. */
  RetrainDecision decideRetrain(RetrainQuestion question);

  /**
   * @param workflowId becomes the run's id, so it must be allowed as one
   * @param request the pipeline's input as it came
   */
  record OpenRequest(String workflowId, JsonNode request) {}

  /**
   * @param recipe digest of the canonical recipe, by which activities read it
   * @param reuse whether earlier results of other runs may be taken
   * @param profileSteps how many first steps of each training stage are recorded; 0 for none
   * @param finished results of a run that is done already; else empty
   */
  record OpenedRun(
      RunId run,
      String recipeName,
      Sha256 recipe,
      boolean reuse,
      int profileSteps,
      List<StagePlan> stages,
      List<StageResult> finished) {
    public OpenedRun {
      stages = List.copyOf(stages);
      finished = List.copyOf(finished);
    }
  }

  /**
   * @param source the images a Curate stage starts from
   * @param inputs results of the stages it refers to
   */
  record BeginStage(
      RunId run,
      Sha256 recipe,
      String stage,
      Optional<DatasetRef> source,
      List<StageResult> inputs,
      boolean reuse) {
    public BeginStage {
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * @param done the result where there is one already
   * @param reuseKey what the stage's result will be found by
   */
  record BegunStage(Optional<StageResult> done, Sha256 reuseKey) {}

  /** An Import stage of the recipe with this digest. */
  record FindImported(RunId run, Sha256 recipe, String stage) {}

  /** A stage's result and the key it is found by. */
  record FinishStage(RunId run, String stage, Sha256 reuseKey, StageResult result) {}

  /**
   * @param state {@code running}, {@code paused}, {@code failed} or {@code cancelled}
   */
  record NoteStage(RunId run, String stage, String state, String reason) {}

  /**
   * @param state {@code running} or {@code paused}
   */
  record NoteRun(RunId run, String state, String reason) {}

  /**
   * @param overrides by path, such as {@code pretrain.optim.lr.peak}
   * @param reason why, in words
   * @param cause names this occasion, so that repeating the call changes nothing
   */
  record OverrideRequest(
      RunId run, Sha256 recipe, Map<String, JsonNode> overrides, String reason, String cause) {
    public OverrideRequest {
      overrides = Map.copyOf(overrides);
    }
  }

  /**
   * @param scope the stage, or {@code stage/group} of a Distill stage
   * @param step steps behind the state that the refused step began from
   * @param failure what was refused, in words
   * @param retries retries the stage had before
   * @param cause names this occasion, so that repeating the call changes nothing
   */
  record Recover(
      RunId run,
      Sha256 recipe,
      String stage,
      String scope,
      long step,
      String failure,
      int retries,
      String cause) {}

  /**
   * @param text what is done and why, in words
   */
  record Recovery(Action action, String text) {
    /** What the stage does next. */
    public enum Action {
      /** Train again from the last checkpoint. */
      RETRY,
      /** Wait until somebody resumes or cancels. */
      ASK,
      /** Fail: the retries are used up. */
      GIVE_UP
    }
  }

  /**
   * @param state {@code done}, {@code failed} or {@code cancelled}
   */
  record CloseRun(RunId run, String state, String reason) {}

  /**
   * @param schedule its name, as {@code why} asks for it
   * @param run the run that would be started
   */
  record RetrainQuestion(String schedule, RunId run, JsonNode request, boolean always) {}

  /**
   * @param start whether a run should start
   * @param reason in words, as {@code why} prints it
   * @param request what the run is started with
   */
  record RetrainDecision(boolean start, String reason, JsonNode request) {}
}
