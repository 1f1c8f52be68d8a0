package io.dinoflow.ops.web;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.report.ReportPage;
import io.dinoflow.ops.report.RunReport;
import io.dinoflow.ops.report.RunReports;
import io.dinoflow.ops.report.Summary;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * One run: how far, how good, what happened.
 *
 * @param live what its activities say right now
 * @param temporal the run in Temporal's Web UI
 */
public record RunPage(
    Instant now, RunReport report, List<RunsPage.Live> live, Optional<String> temporal) {

  public RunPage {
    live = List.copyOf(live);
  }

  static RunPage of(
      RunId run, RunReports reports, LiveRuns live, Optional<String> temporal, Instant now) {
    RunReport report = reports.progressOf(run);
    return new RunPage(
        now,
        report,
        report.run().state().isClosed()
            ? List.of()
            : live.snapshot(run).map(RunsPage.LiveWords::of).orElse(List.of()),
        temporal);
  }

  public boolean isLive() {
    return !report.run().state().isClosed();
  }

  public Summary summary() {
    return Summary.of(report);
  }

  public List<ReportPage.ChapterFigures> chapters() {
    return ReportPage.chapters(report);
  }

  /** The newest first, as one who looks now wants them. */
  public List<Event> newestEvents() {
    List<Event> events = new ArrayList<>(report.events());
    Collections.reverse(events);
    return events;
  }

  /** The newest first. */
  public List<RunReport.Checkpoint> newestCheckpoints() {
    List<RunReport.Checkpoint> all =
        new ArrayList<>(
            report.stages().stream()
                .flatMap(stage -> stage.tracks().stream())
                .flatMap(track -> track.checkpoints().stream())
                .toList());
    Collections.reverse(all);
    return all;
  }

  /** The JSON twin. */
  record Twin(
      String run,
      String recipe,
      String recipeDigest,
      RunState state,
      String reason,
      Instant createdAt,
      Instant updatedAt,
      Optional<Instant> closedAt,
      long activeSeconds,
      List<RunsPage.Live> live,
      List<TwinStage> stages,
      List<Event> events,
      List<String> missing) {}

  /** A stage in the twin. */
  record TwinStage(
      String name,
      String kind,
      RunState state,
      String reason,
      Optional<Long> tookSeconds,
      Optional<RunId> reusedFrom,
      List<RunReport.Track> tracks) {}

  Twin twin() {
    return new Twin(
        report.run().id().value(),
        report.run().recipeName(),
        report.run().recipeDigest().hex(),
        report.run().state(),
        report.run().reason(),
        report.run().createdAt(),
        report.run().updatedAt(),
        report.run().closedAt(),
        report.active().toSeconds(),
        live,
        report.stages().stream()
            .map(
                s ->
                    new TwinStage(
                        s.name(),
                        s.kind(),
                        s.state(),
                        s.reason(),
                        s.took().map(Duration::toSeconds),
                        s.reusedFrom(),
                        s.tracks()))
            .toList(),
        report.events(),
        report.missing());
  }
}
