package io.dinoflow.workflow.activity;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.workflow.activity.EvaluateActivities.EvaluateRequest;
import io.dinoflow.workflow.activity.GatherActivities.Gathered;
import io.temporal.activity.ActivityInterface;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The decisions of a retraining firing, each recorded as it is made. Each call may be repeated; the
 * second has no further effect.
 */
@ActivityInterface
public interface RetrainActivities {
  /**
   * The strict boundary: reads the request, reports every problem at once, finds the champion and
   * what it was trained on.
   *
   * <p>Fails without retry: BadConfig (all problems in one text).
   */
  Surveyed survey(Survey request);

  /**
   * Says whether a run is worth while, with which pictures, and what it begins with.
   *
   * <p>Fails without retry: BadConfig, where the run cannot go on from the champion.
   */
  Weighed weigh(Weigh request);

  /**
   * What the run made, and how the champion is to be measured beside it.
   *
   * <p>Fails without retry: BadConfig, where the run made no such model.
   */
  Trial trial(Surveyed firing);

  /** Asks the gate; makes the challenger a version of the model. */
  Judged judge(Judge request);

  /** Records a decision; one that promotes moves the alias first. Says what was done. */
  String settle(Settle request);

  /**
   * @param workflow id of the retraining workflow
   * @param firedAtMillis when the firing was due, since 1970
   */
  record Survey(String workflow, long firedAtMillis, JsonNode request) {}

  /**
   * A firing's request, with nothing left out.
   *
   * @param run that it starts, if it does
   * @param pipeline the run's request, without its pictures
   * @param subject the model's stage, or {@code stage/student}
   * @param newSamplesMin fewer new pictures start no run
   * @param evaluation the Evaluate stage that measures the subject
   * @param askHoursMax how long an answer is waited for
   * @param from what the run begins with
   */
  record Surveyed(
      String workflow,
      long firedAtMillis,
      String schedule,
      RunId run,
      JsonNode pipeline,
      String dataset,
      long shardBytes,
      String model,
      String alias,
      String subject,
      long newSamplesMin,
      String evaluation,
      String gate,
      Promote promote,
      int askHoursMax,
      From from,
      Optional<Champion> champion) {
    public Surveyed {
      // a history that was written before this could be asked for
      from = Objects.requireNonNullElse(from, From.SCRATCH);
    }

    /** The same with what the firing's alias points at. */
    public Surveyed with(Optional<Champion> found) {
      return new Surveyed(
          workflow,
          firedAtMillis,
          schedule,
          run,
          pipeline,
          dataset,
          shardBytes,
          model,
          alias,
          subject,
          newSamplesMin,
          evaluation,
          gate,
          promote,
          askHoursMax,
          from,
          found);
    }
  }

  /** What a firing's run begins with. */
  enum From {
    /** What its recipe says. */
    SCRATCH,
    /** The champion's weights in the first training stage, where there is a champion. */
    CHAMPION
  }

  /** What happens to a challenger that the gate lets pass. */
  enum Promote {
    AUTO,
    ASK
  }

  /**
   * @param version its number in the model
   * @param source the pictures it was trained on; empty where it was imported
   */
  record Champion(CheckpointRef checkpoint, int version, Optional<DatasetRef> source) {}

  record Weigh(Surveyed firing, Gathered gathered) {}

  /**
   * @param start whether a run should start
   * @param reason in words, as {@code why} prints it
   * @param pipeline what the run is started with
   */
  record Weighed(boolean start, String reason, JsonNode pipeline) {}

  /**
   * @param report the run's own evaluation of the challenger
   * @param champion how the champion is measured on the same pictures; empty where it need not be
   */
  record Trial(CheckpointRef challenger, ArtifactRef report, Optional<EvaluateRequest> champion) {}

  /**
   * @param championReport empty where there is no champion, or the run's own evaluation has it
   */
  record Judge(Surveyed firing, Trial trial, Optional<ArtifactRef> championReport) {}

  /**
   * @param version of the model that the challenger became
   * @param text each condition with what it was decided on
   */
  record Judged(boolean passed, int version, String text, Map<String, Double> numbers) {
    public Judged {
      numbers = Map.copyOf(numbers);
    }
  }

  /**
   * @param version of the challenger; empty where none was judged
   * @param who decided: a person or the schedule
   */
  record Settle(
      Surveyed firing,
      Settlement settlement,
      Optional<Integer> version,
      String who,
      String why,
      Map<String, Double> numbers) {
    public Settle {
      numbers = Map.copyOf(numbers);
    }
  }

  /** How a firing stands. */
  enum Settlement {
    ASKED,
    PROMOTED,
    REFUSED,
    REJECTED,
    FAILED,
    CANCELLED
  }
}
