/**
 * Evaluation of checkpoints on the images as they came in.
 *
 * <p>Depends on support; only ops constructs it. Start at {@link
 * io.dinoflow.activity.evaluate.EvaluateActivitiesImpl}.
 */
package io.dinoflow.activity.evaluate;
