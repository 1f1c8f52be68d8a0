package io.dinoflow.ops.run;

import io.dinoflow.workflow.activity.Progress;
import java.util.Locale;

/**
 * How fast something goes on, in words: images a second, and what part of the time it waits for
 * data where that is a whole percent or more.
 */
public final class Pace {
  private static final double WAIT_SHARE_WORTH_A_WORD = 0.01;

  private Pace() {}

  /** Empty, or with two spaces before each part. */
  public static String words(Progress progress) {
    if (progress.imagesPerSecond() <= 0) {
      return "";
    }
    return String.format(Locale.ROOT, "  %.0f img/s", progress.imagesPerSecond())
        + (waits(progress) ? "  " + waiting(progress) : "");
  }

  /** Whether the wait for data is worth a word. */
  public static boolean waits(Progress progress) {
    return progress.dataWaitShare() >= WAIT_SHARE_WORTH_A_WORD;
  }

  /** Such as {@code waits for data 12 %}. */
  public static String waiting(Progress progress) {
    return String.format(Locale.ROOT, "waits for data %.0f %%", 100 * progress.dataWaitShare());
  }
}
