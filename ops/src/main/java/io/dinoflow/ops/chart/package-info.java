/**
 * Line charts as inline SVG, for the report and the page alike.
 *
 * <p>Knows nothing of runs. Start at {@link io.dinoflow.ops.chart.LineChart}, then {@link
 * io.dinoflow.ops.chart.Palette}.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.ops.chart;
