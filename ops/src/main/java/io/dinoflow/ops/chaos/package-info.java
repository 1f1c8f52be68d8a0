/**
 * Breaks a real installation on purpose and checks that nothing it promised was lost.
 *
 * <p>Only the command line depends on it; it works on an installation of its own. Start at {@link
 * io.dinoflow.ops.chaos.Chaos}, then {@link io.dinoflow.ops.chaos.Schedule} (what is done when),
 * {@link io.dinoflow.ops.chaos.Injector} (how) and {@link io.dinoflow.ops.chaos.Promises} (what
 * must hold at the end).
 */
package io.dinoflow.ops.chaos;
