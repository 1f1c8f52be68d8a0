/**
 * How a process logs: one line an event, without secrets.
 *
 * <p>Depends on nothing of ours; everything in ops may hand it a secret to hide. Start at {@link
 * io.dinoflow.ops.log.LogLines}, then {@link io.dinoflow.ops.log.Secrets}.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.ops.log;
