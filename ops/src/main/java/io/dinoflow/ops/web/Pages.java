package io.dinoflow.ops.web;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.report.HtmlReport;
import io.dinoflow.ops.report.RunFacts;
import io.dinoflow.ops.report.RunReports;
import io.dinoflow.storage.lineage.RunState;
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
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .addModule(new SimpleModule().addSerializer(RunState.class, new StateWord()))
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .build();

  private final TemplateEngine engine =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Pages.class.getClassLoader(), HtmlReport.TEMPLATES);
  private final HtmlReport reports = new HtmlReport();
  private final RunFacts facts;
  private final LiveRuns live;
  private final Optional<String> temporalRuns;
  private final Clock clock;

  /**
   * @param temporalRuns where Temporal's Web UI shows a run, up to its id
   */
  Pages(RunFacts facts, LiveRuns live, Optional<String> temporalRuns, Clock clock) {
    this.facts = facts;
    this.live = live;
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
    return form == Form.JSON ? json(page) : html("web/runs.jte", page);
  }

  String run(String id, Form form) {
    RunId run = runId(id);
    Optional<String> temporal =
        temporalRuns.map(url -> url + URLEncoder.encode(run.value(), StandardCharsets.UTF_8));
    RunPage page = RunPage.of(run, new RunReports(facts, clock), live, temporal, clock.instant());
    return form == Form.JSON ? json(page.twin()) : html("web/run.jte", page);
  }

  String report(String id) throws IOException {
    return reports.render(new RunReports(facts, clock).of(runId(id)));
  }

  String checkpoint(String prefix, Form form) {
    CheckpointPage page = CheckpointPage.of(prefix, facts, clock.instant());
    return form == Form.JSON ? json(page) : html("web/checkpoint.jte", page);
  }

  String error(ErrorPage page, Form form) {
    return form == Form.JSON ? json(page) : html("web/error.jte", page);
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

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the page cannot be written as JSON", e);
    }
  }

  /** The state words that people see everywhere. */
  private static final class StateWord extends JsonSerializer<RunState> {
    @Override
    public void serialize(RunState state, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(state.word());
    }
  }
}
