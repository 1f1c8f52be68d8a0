/**
 * The arithmetic of a recipe: parameters, checkpoint bytes, pictures. Counts shapes; allocates no
 * tensors and loads no native code.
 *
 * <p>Depends on recipe and on the parameter lists of nn and text. Start at {@link
 * io.dinoflow.model.plan.RecipeSizes}.
 */
package io.dinoflow.model.plan;
