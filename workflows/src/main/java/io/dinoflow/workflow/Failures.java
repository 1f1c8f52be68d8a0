package io.dinoflow.workflow;

import java.util.List;

/**
 * Failure types that cross Temporal, and what a retry does about each.
 *
 * <p>The attempts of a training activity are never counted: outages use attempts up without running
 * anything. A failure is retried unless its type says that it would only happen again.
 */
public final class Failures {
  /** The request or recipe is wrong; the message lists every problem. */
  public static final String BAD_CONFIG = "BadConfig";

  /** The run exists with another recipe; the message names the fields that differ. */
  public static final String SPEC_CONFLICT = "SpecConflict";

  /** An archive breaks the limits that keep the machine safe. */
  public static final String UNSAFE_ARCHIVE = "UnsafeArchive";

  /** Too many unreadable samples, or too few samples at all. */
  public static final String BAD_DATASET = "BadDataset";

  /**
   * A loss or gradient is not finite or far from what it was; the last good checkpoint stays the
   * head. Its detail is the number of steps behind the state that the refused step began from.
   */
  public static final String DIVERGED = "Diverged";

  /** The disk is full; tried again later. */
  public static final String DISK_FULL = "DiskFull";

  /** Another attempt took over the track; this one ends quietly. */
  public static final String FENCED = "Fenced";

  /** The track moved on under this attempt; it ends quietly and the next starts from the head. */
  public static final String STALE_STEP = "StaleStep";

  /** A service did not answer; tried again. */
  public static final String TRANSIENT = "Transient";

  /** Something stored that no attempt can do without is lost or no longer matches its digest. */
  public static final String DAMAGED = "Damaged";

  /** Far less is held than the collector left, or most objects are unknown: a person must look. */
  public static final String ODD_STORE = "OddStore";

  /** A person ended it with stopAfterCheckpoint; what was committed stays and is gone on from. */
  public static final String STOPPED = "Stopped";

  /** Types that Temporal must not retry. */
  public static final List<String> NOT_RETRIED =
      List.of(BAD_CONFIG, SPEC_CONFLICT, UNSAFE_ARCHIVE, BAD_DATASET, DAMAGED, DIVERGED, ODD_STORE);

  private Failures() {}
}
