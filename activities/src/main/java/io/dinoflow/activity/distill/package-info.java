/**
 * Students of a group under one teacher forward a batch.
 *
 * <p>Depends on support; only ops constructs it. Start at {@link
 * io.dinoflow.activity.distill.DistillActivitiesImpl}.
 */
package io.dinoflow.activity.distill;
