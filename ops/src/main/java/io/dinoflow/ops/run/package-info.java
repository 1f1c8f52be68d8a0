/**
 * Runs as a client of Temporal sees them: submit, steer, watch.
 *
 * <p>May use workflows' contract only; used by the command line and the page. Reading order: {@link
 * io.dinoflow.ops.run.RunClient}, {@link io.dinoflow.ops.run.RunSnapshot}, {@link
 * io.dinoflow.ops.run.RunFollower}. Start at RunClient.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.ops.run;
