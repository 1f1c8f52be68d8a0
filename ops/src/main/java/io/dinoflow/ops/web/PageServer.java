package io.dinoflow.ops.web;

import io.dinoflow.ops.Listener;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.metrics.ProcessMetrics;
import io.dinoflow.ops.report.HtmlReport;
import io.dinoflow.ops.report.RunFacts;
import io.dinoflow.ops.report.StoredFacts;
import io.dinoflow.ops.run.RunClient;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.jdbc.DatabaseUnavailableException;
import io.dinoflow.storage.lineage.AmbiguousIdException;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.object.StoreUnavailableException;
import io.javalin.Javalin;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page's HTTP server: GET and HEAD only, and nothing but our own style and script may load
 * (content policy). On loopback without a token it answers only a browser that asked for this
 * machine by a loopback name, so that no other site can read it by pointing its own name here; with
 * a token it answers whoever has it, see {@link Doorkeeper}.
 */
public final class PageServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PageServer.class);
  private static final int THREADS_MAX = 12;
  private static final Duration PATIENCE = Duration.ofMillis(400);
  private static final String TWIN = ".json";

  private static final String POLICY =
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  /** A report is one file: its style is within it. */
  private static final String REPORT_POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
          + " form-action 'none'; frame-ancestors 'none'";

  private final Javalin server;
  private final Listener where;
  private final Doorkeeper door;
  private final Pages pages;
  private final Watched watched;
  private final Runnable closer;

  private PageServer(Listener where, Pages pages, Watched watched, Runnable closer) {
    this.where = where;
    this.door = new Doorkeeper(where);
    this.pages = pages;
    this.watched = watched;
    this.closer = closer;
    this.server =
        Javalin.create(
            config -> {
              QueuedThreadPool threads = new QueuedThreadPool(THREADS_MAX, 4);
              threads.setName("page");
              threads.setDaemon(true);
              config.jetty.threadPool = threads;
              config.startup.showJavalinBanner = false;
              config.startup.showOldJavalinVersionWarning = false;
              routes(config.routes);
            });
  }

  /** Over the services of a configuration; its connections are opened when first needed. */
  public static PageServer start(Listener where, OpsConfig config, Watched watched) {
    Services services = Services.open(config);
    AskedRuns live =
        new AskedRuns(run -> new RunClient(services.workflows()).snapshot(run), PATIENCE);
    Optional<String> temporalRuns =
        config
            .uiUrl()
            .map(
                url -> "%s/namespaces/%s/workflows/".formatted(url, config.temporal().namespace()));
    Pages pages = new Pages(new StoredFacts(services), live, temporalRuns, Clock.systemUTC());
    return new PageServer(
            where,
            pages,
            watched,
            () -> {
              live.close();
              services.close();
            })
        .started();
  }

  /** Over any facts, on loopback. Port 0 takes a free one. */
  static PageServer start(
      int port, RunFacts facts, LiveRuns live, Optional<String> temporalRuns, Clock clock) {
    return start(
        Listener.onLoopback(port),
        new Pages(facts, live, temporalRuns, clock),
        new Watched(() -> "", List.of()));
  }

  /** Over any pages. */
  static PageServer start(Listener where, Pages pages, Watched watched) {
    return new PageServer(where, pages, watched, () -> {}).started();
  }

  private PageServer started() {
    try {
      server.start(where.host(), where.port());
      return this;
    } catch (RuntimeException e) {
      closer.run();
      throw e;
    }
  }

  public String url() {
    return where.url(server.port());
  }

  @Override
  public void close() {
    server.stop();
    closer.run();
  }

  private void routes(RoutesConfig routes) {
    routes.before(this::guard);
    routes.get("/", context -> context.redirect("/runs"));
    door.routes(routes, pages);
    routes.get(
        "/metrics",
        context -> context.contentType(ProcessMetrics.CONTENT_TYPE).result(watched.text().get()));
    routes.get(
        "/metrics/targets",
        context ->
            context
                .contentType("application/json")
                .result(Json.of(watched.groups(where.url(server.port())))));
    routes.get("/healthz", context -> context.contentType("text/plain").result("ok\n"));
    routes.get("/style.css", context -> asset(context, "text/css", HtmlReport.style()));
    routes.get("/live.js", context -> asset(context, "text/javascript", resource("/web/live.js")));
    routes.get("/runs", context -> answer(context, pages.runs(Pages.Form.HTML)));
    routes.get("/runs.json", context -> answer(context, pages.runs(Pages.Form.JSON)));
    routes.get(
        "/runs/{run}", context -> answer(context, pages.run(id(context, "run"), form(context))));
    routes.get("/runs/{run}/report", this::report);
    routes.get(
        "/checkpoints/{checkpoint}",
        context -> answer(context, pages.checkpoint(id(context, "checkpoint"), form(context))));
    for (Api.Endpoint endpoint : pages.api().endpoints()) {
      routes.get(Api.ROOT + endpoint.path(), context -> answer(context, endpoint));
    }
    routes.get(
        Api.ROOT + "/openapi.json",
        context -> context.contentType("application/json").result(resource("/web/openapi.json")));
    lists(routes);
    routes.exception(HttpResponseException.class, this::refused);
    routes.exception(Exception.class, this::failed);
  }

  private void lists(RoutesConfig routes) {
    routes.get(
        "/graph.js", context -> asset(context, "text/javascript", resource("/web/graph.js")));
    Map<String, Function<Pages.Form, String>> lists =
        Map.of(
            "/lineage", pages::beginnings,
            "/datasets", pages::datasets,
            "/models", pages::models,
            "/evaluations", pages::evaluations);
    lists.forEach(
        (path, page) -> {
          routes.get(path, context -> answer(context, page.apply(Pages.Form.HTML)));
          routes.get(path + TWIN, context -> answer(context, page.apply(Pages.Form.JSON)));
        });
    routes.get(
        "/lineage/{ref}",
        context ->
            answer(
                context,
                pages.lineage(id(context, "ref"), context.queryParam("direction"), form(context))));
  }

  private void guard(Context context) {
    context.header("Content-Security-Policy", POLICY);
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
    context.header("Cache-Control", "no-store");
    String host = Objects.requireNonNullElse(context.header("Host"), "");
    if (!where.answersTo(host)) {
      refuse(
          context,
          new ErrorPage(
              421,
              "this page answers only under a loopback name",
              "the browser asked for \"" + host + "\"",
              "open " + url() + " on this machine, or forward that port"));
    } else if (Doorkeeper.isLogin(context)) {
      context.header("Content-Security-Policy", Doorkeeper.LOGIN_POLICY);
    } else if (context.method() != HandlerType.GET && context.method() != HandlerType.HEAD) {
      context.header("Allow", "GET, HEAD");
      refuse(
          context,
          new ErrorPage(
              405,
              "this page is for reading",
              "it was asked to " + context.method(),
              "the command line changes things: `dinoflow --help`"));
    } else if (!door.lets(context)) {
      turnAway(context);
    }
  }

  /** A browser is shown where to give the token, a program how. */
  private void turnAway(Context context) {
    context.header("WWW-Authenticate", "Bearer");
    boolean program =
        context.path().startsWith(Api.ROOT + "/")
            || context.path().startsWith("/metrics")
            || form(context) == Pages.Form.JSON;
    if (!program && context.header("Authorization") == null) {
      context.redirect(Doorkeeper.LOGIN);
      context.skipRemainingHandlers();
      return;
    }
    refuse(
        context,
        new ErrorPage(
            401,
            "this page wants its token",
            context.header("Authorization") == null ? "none was sent" : "the one sent is not it",
            "send `Authorization: Bearer TOKEN`, or log in at " + Doorkeeper.LOGIN));
  }

  private void refuse(Context context, ErrorPage error) {
    show(context, error);
    context.skipRemainingHandlers();
  }

  private void report(Context context) throws IOException {
    String html = pages.report(context.pathParam("run"));
    context.header("Content-Security-Policy", REPORT_POLICY);
    context.html(html);
  }

  private static void asset(Context context, String type, String text) {
    context.contentType(type + "; charset=utf-8").result(text);
  }

  private static void answer(Context context, Api.Endpoint endpoint) {
    ApiQuery query = ApiQuery.of(context.queryParamMap(), endpoint.parameters());
    String name = context.pathParamMap().getOrDefault("id", "");
    context.contentType("application/json").result(Json.of(endpoint.answer().of(query, name)));
  }

  private void answer(Context context, String text) {
    if (form(context) == Pages.Form.JSON) {
      context.contentType("application/json").result(text);
    } else {
      context.html(text);
    }
  }

  private static Pages.Form form(Context context) {
    return context.path().endsWith(TWIN) ? Pages.Form.JSON : Pages.Form.HTML;
  }

  private static String id(Context context, String name) {
    String given = context.pathParam(name);
    return given.endsWith(TWIN) ? given.substring(0, given.length() - TWIN.length()) : given;
  }

  private void failed(Exception failure, Context context) {
    ErrorPage error = error(failure);
    if (error.status() >= 500) {
      LOG.warn("{} cannot be shown", context.path(), failure);
    }
    show(context, error);
  }

  private static ErrorPage error(Exception failure) {
    String why = String.valueOf(failure.getMessage());
    if (failure instanceof UnknownIdException) {
      return new ErrorPage(404, "there is no such thing here", why, "/runs lists what there is");
    }
    if (failure instanceof BadQueryException) {
      return new ErrorPage(
          400,
          "the question cannot be read",
          why,
          Api.ROOT + "/openapi.json says what can be asked");
    }
    if (failure instanceof AmbiguousIdException) {
      return new ErrorPage(400, "the id is too short", why, "give more digits of it");
    }
    if (failure instanceof DatabaseUnavailableException
        || failure instanceof StoreUnavailableException) {
      return new ErrorPage(
          503, "a service does not answer", why, "`dinoflow status` shows the services; try again");
    }
    if (failure instanceof DamagedBlobException) {
      return new ErrorPage(
          500, "what is stored is damaged", why, "`dinoflow verify` says what else is");
    }
    return new ErrorPage(
        500,
        "the page could not be made",
        failure.getClass().getSimpleName(),
        "logs/supervisor.log in the home has the details");
  }

  /** What the server itself refuses, such as a path that leads nowhere. */
  private void refused(HttpResponseException refusal, Context context) {
    show(
        context,
        refusal.getStatus() == 404
            ? new ErrorPage(
                404,
                "there is no such page",
                "nothing is served at " + context.path(),
                "/runs lists the runs")
            : new ErrorPage(
                refusal.getStatus(),
                "the request cannot be answered",
                String.valueOf(refusal.getMessage()),
                "/runs lists the runs"));
  }

  private void show(Context context, ErrorPage error) {
    context.status(error.status());
    if (context.path().startsWith(Api.ROOT + "/")) {
      context.contentType("application/problem+json").result(Json.of(ApiAnswers.Problem.of(error)));
      return;
    }
    answer(context, pages.error(error, form(context)));
  }

  private static String resource(String name) {
    try (InputStream in = PageServer.class.getResourceAsStream(name)) {
      return new String(
          Objects.requireNonNull(in, name + " is part of the program").readAllBytes(),
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
    }
  }
}
