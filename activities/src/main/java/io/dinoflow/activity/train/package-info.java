/**
 * Pre-training, Gram anchoring and resolution scaling.
 *
 * <p>Depends on support; only ops constructs it. Start at {@link
 * io.dinoflow.activity.train.TrainActivitiesImpl}.
 */
package io.dinoflow.activity.train;
