/**
 * The page: runs, a run, a checkpoint, on loopback and for reading only, each with a {@code .json}
 * twin.
 *
 * <p>Lives in the supervisor's process and must never take it down: it opens its own connections,
 * has few threads, and answers a failure with an error page. Reads through {@link
 * io.dinoflow.ops.report.RunFacts} and {@link io.dinoflow.ops.web.LiveRuns} only. Start at {@link
 * io.dinoflow.ops.web.PageServer}, then {@link io.dinoflow.ops.web.Pages}.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.ops.web;
