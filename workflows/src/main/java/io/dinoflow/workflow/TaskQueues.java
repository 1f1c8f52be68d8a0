package io.dinoflow.workflow;

/** Names of the task queues; who polls which is the deployment's business. */
public final class TaskQueues {
  /** Workflows only: no native code, no I/O. */
  public static final String PIPELINE = "pipeline";

  /** Short activities that only speak to the stores. */
  public static final String LIGHT = "light";

  /** Ingest and curation. */
  public static final String DATA = "data";

  /** Training segments; as many slots as there are devices. */
  public static final String TRAIN = "train";

  /** Evaluations. */
  public static final String EVAL = "eval";

  private TaskQueues() {}
}
