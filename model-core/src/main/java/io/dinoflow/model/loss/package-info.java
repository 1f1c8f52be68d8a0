/**
 * The losses of DINOv3, one a file: shapes and equations, no steps, files or runs.
 *
 * <p>Start at {@link io.dinoflow.model.loss.DinoLoss}.
 */
package io.dinoflow.model.loss;
