package io.dinoflow.workflow.activity;

import java.util.Optional;

/**
 * Heartbeat details of a long activity: what people see while it runs. Only a hint; what is
 * committed is the store's to say.
 *
 * @param stage the recipe's stage
 * @param phase one word or two: {@code restoring}, {@code training}, {@code committing}, {@code
 *     embedding}
 * @param step units done: training steps on the track's count, or images
 * @param untilStep where this activity ends; 0 when not known
 * @param unit what step counts: {@code steps}, {@code images}
 * @param loss the newest total loss; empty outside training
 * @param lastCommittedStep 0 before the first commit
 * @param dataWaitShare share of the last steps' time spent waiting for data, 0 to 1
 */
public record Progress(
    String stage,
    String phase,
    long step,
    long untilStep,
    String unit,
    Optional<Double> loss,
    double imagesPerSecond,
    long lastCommittedStep,
    double dataWaitShare,
    String note) {

  /** Work that is counted in images, such as ingest. */
  public static Progress ofImages(String stage, String phase, long done, long of) {
    return new Progress(stage, phase, done, of, "images", Optional.empty(), 0, 0, 0, "");
  }

  /** Work that cannot be counted yet. */
  public static Progress ofPhase(String stage, String phase, String note) {
    return new Progress(stage, phase, 0, 0, "steps", Optional.empty(), 0, 0, 0, note);
  }

  public Progress withNote(String text) {
    return new Progress(
        stage,
        phase,
        step,
        untilStep,
        unit,
        loss,
        imagesPerSecond,
        lastCommittedStep,
        dataWaitShare,
        text);
  }
}
