/**
 * From bytes to batches: shards, decoding, crops, masks, and the order in which samples come.
 *
 * <p>Plain Java without tensors; depends on recipe and artifact. Randomness is a function of (seed,
 * purpose, step, index). Start at {@link io.dinoflow.model.data.Dataset}.
 */
package io.dinoflow.model.data;
