/**
 * Named tensors and the safetensors format.
 *
 * <p>Start at {@link io.dinoflow.model.weights.StateDict}.
 */
package io.dinoflow.model.weights;
