package io.dinoflow.ops;

/** A schedule that cannot be made, found or changed. */
public final class ScheduleFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Kind kind;
  private final String schedule;

  /** What is wrong. */
  public enum Kind {
    /** There is no schedule of this name. */
    UNKNOWN,
    /** There is one of this name already. */
    EXISTS,
    /** This Temporal has no schedules: it is the in-memory server. */
    UNSUPPORTED,
    /** Temporal does not take it, because of a wrong cron expression for example. */
    REFUSED
  }

  ScheduleFailure(Kind kind, String schedule, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.schedule = schedule;
  }

  public Kind kind() {
    return kind;
  }

  /** The schedule's name; empty where it concerns all. */
  public String schedule() {
    return schedule;
  }
}
