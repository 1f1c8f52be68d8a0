/**
 * Measurements that a person can repeat: each prints what it measured, how much that varies and
 * what it is held against.
 *
 * <p>Uses the product's own classes as the product does. Start at {@link
 * io.dinoflow.ops.bench.LineageBench}; {@link io.dinoflow.ops.bench.Measurement} is what all print.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.ops.bench;
