package io.dinoflow.workflow.impl;

import io.temporal.worker.Worker;

/** Registers every workflow of the house with a worker. */
public final class Workflows {
  private Workflows() {}

  /** On a worker of queue {@link io.dinoflow.workflow.TaskQueues#PIPELINE}. */
  public static void register(Worker worker, FlowOptions options) {
    throw new IllegalStateException("lands with the workflows: " + worker + options);
  }
}
