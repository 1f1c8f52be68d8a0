/**
 * What a process measures, and where Prometheus reads it.
 *
 * <p>Depends on {@link io.dinoflow.ops.Listener} only; the commands that run a process start it.
 * Start at {@link io.dinoflow.ops.metrics.ProcessMetrics}, then {@link
 * io.dinoflow.ops.metrics.MetricsServer}.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.ops.metrics;
