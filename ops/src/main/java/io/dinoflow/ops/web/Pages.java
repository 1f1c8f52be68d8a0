package io.dinoflow.ops.web;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.report.HtmlReport;
import io.dinoflow.ops.report.RunFacts;
import io.dinoflow.ops.report.RunReports;
import io.dinoflow.storage.lineage.UnknownIdException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;

/**
 * Every page as text, by what is asked for. Knows nothing of HTTP; throws what the stores throw.
 * Thread-safe.
 */
final class Pages {
  private final TemplateEngine engine =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Pages.class.getClassLoader(), HtmlReport.TEMPLATES);
  private final HtmlReport reports = new HtmlReport();
  private final RunFacts facts;
  private final LiveRuns live;
  private final LiveSchedules schedules;
  private final Optional<String> temporalRuns;
  private final Clock clock;

  /**
   * @param temporalRuns where Temporal's Web UI shows a run, up to its id
   */
  Pages(
      RunFacts facts,
      LiveRuns live,
      LiveSchedules schedules,
      Optional<String> temporalRuns,
      Clock clock) {
    this.facts = facts;
    this.live = live;
    this.schedules = schedules;
    this.temporalRuns = temporalRuns;
    this.clock = clock;
  }

  /** How an answer is wanted. */
  enum Form {
    HTML,
    JSON
  }

  String runs(Form form) {
    RunsPage page = RunsPage.of(facts, live, clock.instant());
    return form == Form.JSON ? Json.of(page) : html("web/runs.jte", page);
  }

  String run(String id, Form form) {
    RunId run = runId(id);
    RunPage page =
        RunPage.of(run, new RunReports(facts, clock), live, temporal(run), clock.instant());
    return form == Form.JSON ? Json.of(page.twin()) : html("web/run.jte", page);
  }

  String report(String id) throws IOException {
    return reports.render(new RunReports(facts, clock).of(runId(id)));
  }

  String checkpoint(String prefix, Form form) {
    CheckpointPage page = CheckpointPage.of(prefix, facts, clock.instant());
    return form == Form.JSON ? Json.of(page) : html("web/checkpoint.jte", page);
  }

  /**
   * @param query may name the direction; up where it does not
   */
  String lineage(String reference, ApiQuery query, Form form) {
    LineagePage page = LineagePage.of(reference, Api.direction(query), facts, clock.instant());
    return form == Form.JSON ? Json.of(page.twin()) : html("web/lineage.jte", page);
  }

  String beginnings(Form form) {
    return list("web/beginnings.jte", ListPages.Beginnings.of(facts, clock.instant()), form);
  }

  String datasets(Form form) {
    return list("web/datasets.jte", ListPages.Datasets.of(facts, clock.instant()), form);
  }

  String models(Form form) {
    return list("web/models.jte", ListPages.Models.of(facts, clock.instant()), form);
  }

  String evaluations(Form form) {
    return list("web/evaluations.jte", ListPages.Evaluations.of(facts, clock.instant()), form);
  }

  String schedules(Form form) {
    return list("web/schedules.jte", SchedulePages.All.of(facts, schedules, clock.instant()), form);
  }

  String schedule(String name, Form form) {
    return list("web/schedule.jte", schedule(name), form);
  }

  private SchedulePages.One schedule(String name) {
    return SchedulePages.One.of(name, facts, schedules, temporalRuns, clock.instant());
  }

  private String list(String template, Object page, Form form) {
    return form == Form.JSON ? Json.of(page) : html(template, page);
  }

  String error(ErrorPage page, Form form) {
    return form == Form.JSON ? Json.of(page) : html("web/error.jte", page);
  }

  /**
   * Where the token is given.
   *
   * @param problem with what was given before, or empty
   */
  String login(String problem) {
    return html("web/login.jte", problem);
  }

  /** The program's view of the same facts. */
  Api api() {
    return new Api(
        facts,
        this::temporal,
        () -> SchedulePages.All.of(facts, schedules, clock.instant()),
        this::schedule);
  }

  private Optional<String> temporal(RunId run) {
    return temporalRuns.map(url -> url + URLEncoder.encode(run.value(), StandardCharsets.UTF_8));
  }

  private static RunId runId(String typed) {
    try {
      return new RunId(typed);
    } catch (IllegalArgumentException e) {
      throw new UnknownIdException(String.valueOf(e.getMessage()));
    }
  }

  private String html(String template, Object page) {
    StringOutput output = new StringOutput();
    engine.render(template, page, output);
    return output.toString();
  }
}
