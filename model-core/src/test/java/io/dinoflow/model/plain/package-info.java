/**
 * The arithmetic once more in plain double-precision Java, straight from the papers' formulas, so
 * that every layer and loss is guarded in a clone that has no fixtures.
 *
 * <p>Knows nothing of kernels. Start at {@link io.dinoflow.model.plain.Plain}.
 */
package io.dinoflow.model.plain;
