/**
 * Measuring what features are good for, against the same backbone untrained and against pixels.
 *
 * <p>May use artifact, recipe, data, nn, text and what they use. Start at {@link
 * io.dinoflow.model.eval.Evaluators}; what comes out is an {@link
 * io.dinoflow.model.eval.EvaluationReport}, each task an {@link io.dinoflow.model.eval.Evaluator},
 * and what is measured a {@link io.dinoflow.model.eval.Contender}.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.model.eval;
