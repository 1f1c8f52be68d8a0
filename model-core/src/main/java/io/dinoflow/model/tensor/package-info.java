/**
 * Native memory, dtypes and seeded randomness.
 *
 * <p>Start at {@link io.dinoflow.model.tensor.SeededRandom}.
 */
package io.dinoflow.model.tensor;
