package io.dinoflow.ops.web;

import io.dinoflow.ops.Listener;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.Services;
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
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

  /** A schedule's firings are several questions. */
  private static final Duration PATIENCE_FOR_SCHEDULES = Duration.ofMillis(1_500);

  private final Javalin server;
  private final Listener where;
  private final Doorkeeper door;
  private final Pages pages;
  private final List<Route> routes;
  private final Runnable closer;

  private PageServer(Listener where, Pages pages, Watched watched, Runnable closer) {
    this.where = where;
    this.door = new Doorkeeper(where);
    this.pages = pages;
    this.routes = Routes.of(pages, door, watched, this::url);
    this.closer = closer;
    UnreadableRequests unreadable = new UnreadableRequests();
    this.server =
        Javalin.create(
            config -> {
              QueuedThreadPool threads = new QueuedThreadPool(THREADS_MAX, 4);
              threads.setName("page");
              threads.setDaemon(true);
              config.jetty.threadPool = threads;
              config.jetty.modifyServer(jetty -> jetty.setErrorHandler(unreadable));
              config.jetty.modifyHttpConfiguration(
                  http -> http.addCustomizer(UnreadableRequests::refuseOddMethods));
              config.jetty.modifyServletContextHandler(
                  servlets -> servlets.setErrorHandler(unreadable));
              config.startup.showJavalinBanner = false;
              config.startup.showOldJavalinVersionWarning = false;
              serve(config.routes);
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
    AskedSchedules schedules =
        new AskedSchedules(() -> new Schedules(services.workflows()), PATIENCE_FOR_SCHEDULES);
    Pages pages =
        new Pages(new StoredFacts(services), live, schedules, temporalRuns, Clock.systemUTC());
    return new PageServer(
            where,
            pages,
            watched,
            () -> {
              live.close();
              schedules.close();
              services.close();
            })
        .started();
  }

  /** Over any facts, on loopback. Port 0 takes a free one. */
  static PageServer start(
      int port,
      RunFacts facts,
      LiveRuns live,
      LiveSchedules schedules,
      Optional<String> temporalRuns,
      Clock clock) {
    return start(
        Listener.onLoopback(port),
        new Pages(facts, live, schedules, temporalRuns, clock),
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

  /** All that is served. */
  List<Route> routes() {
    return routes;
  }

  private void serve(RoutesConfig config) {
    config.before(this::guard);
    routes.forEach(route -> config.addHttpHandler(route.method(), route.path(), route.handler()));
    config.exception(HttpResponseException.class, this::refused);
    config.exception(Exception.class, this::failed);
  }

  private void guard(Context context) {
    Protection.HEADERS.forEach(context::header);
    String host = Objects.requireNonNullElse(context.header("Host"), "");
    if (!where.answersTo(host)) {
      refuse(
          context,
          new ErrorPage(
              421,
              "this page answers only under a loopback name",
              "the browser asked for \"" + host + "\"",
              "open " + url() + " on this machine, or forward that port"));
    } else if (!isReadable(context)) {
      refuse(
          context,
          new ErrorPage(
              400,
              "the address cannot be read",
              "\"%s\" is not encoded as UTF-8 in percent signs, or holds a NUL"
                  .formatted(address(context)),
              "encode it so, or follow the links from /runs"));
    } else if (Doorkeeper.isLogin(context)) {
      context.header(Protection.POLICY_HEADER, Doorkeeper.LOGIN_POLICY);
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

  private static boolean isReadable(Context context) {
    return Encoding.isReadable(address(context));
  }

  /** As it was sent. */
  private static String address(Context context) {
    String query = context.queryString();
    return context.req().getRequestURI() + (query == null ? "" : "?" + query);
  }

  /** A browser is shown where to give the token, a program how. */
  private void turnAway(Context context) {
    context.header("WWW-Authenticate", "Bearer");
    boolean program =
        context.path().startsWith(Api.ROOT + "/")
            || context.path().startsWith("/metrics")
            || Routes.form(context) == Pages.Form.JSON;
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
    if (failure instanceof LiveSchedules.NoAnswerException) {
      return new ErrorPage(
          503,
          "a service does not answer",
          why + ", and nothing is recorded of this schedule",
          "`dinoflow status` shows the services; try again");
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
    Routes.answer(context, pages.error(error, Routes.form(context)));
  }
}
