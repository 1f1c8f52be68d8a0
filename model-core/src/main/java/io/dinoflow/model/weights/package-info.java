/**
 * Named tensors and the safetensors format: in memory as a {@link
 * io.dinoflow.model.weights.StateDict}, in files as a {@link io.dinoflow.model.weights.TensorFile}.
 *
 * <p>Start at {@link io.dinoflow.model.weights.StateDict}.
 */
package io.dinoflow.model.weights;
