/**
 * The activities as workflows see them: interfaces, their requests and results, and the heartbeat
 * details.
 *
 * <p>The module activities implements them; ops reads {@link
 * io.dinoflow.workflow.activity.Progress} of a running one. Every activity may run more than once
 * and gives the same effect. Start at {@link io.dinoflow.workflow.activity.RunActivities}, then
 * {@link io.dinoflow.workflow.activity.TrainActivities}.
 */
package io.dinoflow.workflow.activity;
