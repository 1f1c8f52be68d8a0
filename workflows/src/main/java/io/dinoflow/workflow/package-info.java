/**
 * What every process that speaks to Temporal must agree on: queue names, workflow ids, search
 * attributes, the data converter, and the classes of failure.
 *
 * <p>Activities and ops depend on it. Start at {@link io.dinoflow.workflow.TaskQueues}, then {@link
 * io.dinoflow.workflow.Payloads} and {@link io.dinoflow.workflow.Failures}.
 */
package io.dinoflow.workflow;
