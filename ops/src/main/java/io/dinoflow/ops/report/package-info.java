/**
 * What a run did and how good it came out: as a page in one file and as words on a terminal.
 *
 * <p>{@link io.dinoflow.ops.report.RunFacts} is the only door to stored facts; {@link
 * io.dinoflow.ops.report.RunReports} gathers them into a {@link io.dinoflow.ops.report.RunReport},
 * which {@link io.dinoflow.ops.report.HtmlReport} and {@link io.dinoflow.ops.report.TextReport}
 * render. May use chart and storage; the page in {@code ops.web} uses this. Start at RunReport.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.ops.report;
