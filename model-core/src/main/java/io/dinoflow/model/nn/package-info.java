/**
 * Networks: structure and shapes, forwards through kernels. Weights are passed in, so one structure
 * serves student, teacher and Gram teacher.
 *
 * <p>Start at {@link io.dinoflow.model.nn.Backbone}, then {@link
 * io.dinoflow.model.nn.VisionTransformer}; {@link io.dinoflow.model.nn.TextTower} and {@link
 * io.dinoflow.model.nn.VisionHead} are text alignment's.
 */
package io.dinoflow.model.nn;
