/**
 * From bytes to batches: shards, decoding, crops, masks, and the order in which samples come.
 *
 * <p>Plain Java without tensors; depends on recipe, artifact and SeededRandom. Randomness is a
 * function of (seed, purpose, step, index), so any step's batch can be made again. Start at {@link
 * io.dinoflow.model.data.Batches}, then {@link io.dinoflow.model.data.Batch}, {@link
 * io.dinoflow.model.data.MultiCrop}, {@link io.dinoflow.model.data.MaskSampler}; decoding is {@link
 * io.dinoflow.model.data.ImageDecoder}, evaluations use {@link
 * io.dinoflow.model.data.EvalTransform}.
 */
package io.dinoflow.model.data;
