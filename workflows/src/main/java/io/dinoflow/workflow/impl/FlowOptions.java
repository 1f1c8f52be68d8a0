package io.dinoflow.workflow.impl;

import java.time.Duration;

/**
 * Deadlines that differ between an embedded stack, production and tests.
 *
 * @param heartbeatTimeout silence after which a long activity counts as dead; must exceed the
 *     longest planned restart of the Temporal server
 * @param segmentsMax segments after which a training workflow continues as new; part of the order
 *     that histories record, so a running pipeline must keep it
 * @param retryIntervalMax the longest wait between two attempts at a long activity
 */
public record FlowOptions(Duration heartbeatTimeout, int segmentsMax, Duration retryIntervalMax) {
  /** One machine: a killed worker is noticed within 15 s. */
  public static FlowOptions embedded() {
    return new FlowOptions(Duration.ofSeconds(15), 100, Duration.ofMinutes(2));
  }

  /** Many machines: an outage of the server under 80 s costs nothing. */
  public static FlowOptions production() {
    return new FlowOptions(Duration.ofSeconds(90), 100, Duration.ofMinutes(2));
  }

  /** Tests that kill: a death costs seconds, and an outage may cost an attempt. */
  public static FlowOptions test() {
    return new FlowOptions(Duration.ofSeconds(3), 100, Duration.ofSeconds(3));
  }
}
