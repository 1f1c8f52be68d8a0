/**
 * The training loop and all it holds.
 *
 * <p>Knows what a step is and what must resume; not who asked or where state goes. Its public doors
 * show no tensors, so that callers need no tensor library. Start at {@link
 * io.dinoflow.model.train.Trainer}.
 */
package io.dinoflow.model.train;
