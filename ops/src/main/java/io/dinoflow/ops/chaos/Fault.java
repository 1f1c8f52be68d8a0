package io.dinoflow.ops.chaos;

import java.util.Locale;

/** What can be done to an installation. */
public enum Fault {
  KILL_TRAINING_WORKER(Sort.KILL, 5),
  KILL_CONTROL_WORKER(Sort.KILL, 2),
  KILL_COMPUTE_WORKER(Sort.KILL, 1),
  KILL_TEMPORAL(Sort.KILL, 2),
  KILL_POSTGRES(Sort.KILL, 2),
  KILL_OBJECT_SERVER(Sort.KILL, 2),
  /** The supervisor, whose children end with it; then everything is started again. */
  KILL_SUPERVISOR(Sort.KILL, 1),
  /** One byte of an object of the head is turned over on disk, and its worker is killed. */
  DAMAGE_HEAD(Sort.KILL, 1),
  /** An object of the head is deleted on disk, and its worker is killed. */
  DELETE_HEAD(Sort.KILL, 1),
  /** Past its heartbeat timeout, while a second worker takes over; then it wakes up. */
  FREEZE_TRAINING_WORKER(Sort.FAULT, 1),
  FREEZE_TEMPORAL(Sort.FAULT, 1),
  TERMINATE_TRAINING_WORKER(Sort.FAULT, 1),
  TERMINATE_CONTROL_WORKER(Sort.FAULT, 1),
  CUT_DATABASE(Sort.FAULT, 2),
  /** The next COMMIT is done, and nobody hears of it. */
  LOSE_COMMIT_ANSWER(Sort.FAULT, 2),
  HOLD_DATABASE(Sort.FAULT, 1),
  SLOW_DATABASE(Sort.FAULT, 1),
  CUT_OBJECTS(Sort.FAULT, 1),
  SLOW_OBJECTS(Sort.FAULT, 1),
  /** 503 for the next requests. */
  REFUSE_OBJECTS(Sort.FAULT, 1),
  /** The next read ends half way. */
  TRUNCATE_READ(Sort.FAULT, 1),
  /** One byte of the next read is turned over on the wire; the object is whole. */
  FLIP_READ(Sort.FAULT, 1),
  /** Neither side of the link to Temporal hears the other, for longer than a heartbeat timeout. */
  HOLD_TEMPORAL(Sort.FAULT, 1),
  /** The same run is started once more under its own id. */
  START_AGAIN(Sort.FAULT, 1),
  /** The same recipe is started under another id. */
  START_ANOTHER(Sort.RARE, 1),
  /** Retention and the collector run beside the writers, with no grace at all. */
  COLLECT(Sort.FAULT, 2),
  /** The disk of temporary files has no byte left for a while. */
  FILL_DISK(Sort.RARE, 1);

  /** How often a fault comes, and whether it counts. */
  enum Sort {
    /** Ends a process by kill -9. */
    KILL,
    FAULT,
    /** Costs a minute or more. */
    RARE
  }

  private final Sort sort;
  private final int cards;

  Fault(Sort sort, int cards) {
    this.sort = sort;
    this.cards = cards;
  }

  /** As people read it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Whether it counts as a kill. */
  public boolean kills() {
    return sort == Sort.KILL;
  }

  boolean isRare() {
    return sort == Sort.RARE;
  }

  /** How many of it are in a deck. */
  int cards() {
    return cards;
  }
}
