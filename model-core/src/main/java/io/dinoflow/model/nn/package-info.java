/**
 * Networks: structure and shapes, forwards through kernels. Weights are passed in, so one structure
 * serves student, teacher and Gram teacher.
 *
 * <p>Start at {@link io.dinoflow.model.nn.Backbone}, then {@link
 * io.dinoflow.model.nn.VisionTransformer}.
 */
package io.dinoflow.model.nn;
