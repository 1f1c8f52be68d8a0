/**
 * Measuring what features are good for.
 *
 * <p>May use artifact, recipe, data, nn, text and what they use. Start at {@link
 * io.dinoflow.model.eval.EvaluationReport}.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.model.eval;
