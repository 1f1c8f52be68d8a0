package io.dinoflow.ops.web;

import io.dinoflow.ops.metrics.ProcessMetrics;
import io.dinoflow.ops.report.HtmlReport;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** The table of all that is served: what is not in it is not there. */
final class Routes {
  private static final String TWIN = ".json";
  private static final String JSON = "application/json";

  /** A report is one file: its style is within it. */
  private static final String REPORT_POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
          + " form-action 'none'; frame-ancestors 'none'";

  private final Pages pages;
  private final Watched watched;
  private final Supplier<String> url;

  private Routes(Pages pages, Watched watched, Supplier<String> url) {
    this.pages = pages;
    this.watched = watched;
    this.url = url;
  }

  /**
   * @param url where this server is reached, once it listens
   */
  static List<Route> of(Pages pages, Doorkeeper door, Watched watched, Supplier<String> url) {
    Routes routes = new Routes(pages, watched, url);
    List<Route> all = new ArrayList<>();
    all.add(Route.get("/", context -> context.redirect("/runs")));
    all.addAll(door.routes(pages));
    all.addAll(routes.machinery());
    all.addAll(routes.pages());
    all.addAll(routes.api());
    return List.copyOf(all);
  }

  private List<Route> machinery() {
    return List.of(
        Route.get("/healthz", context -> context.contentType("text/plain").result("ok\n")),
        Route.get(
            "/metrics",
            context ->
                context.contentType(ProcessMetrics.CONTENT_TYPE).result(watched.text().get())),
        Route.get(
            "/metrics/targets",
            context -> context.contentType(JSON).result(Json.of(watched.groups(url.get())))),
        Route.get("/style.css", context -> asset(context, "text/css", HtmlReport.style())),
        script("/live.js"),
        script("/graph.js"));
  }

  private static Route script(String path) {
    return Route.get(path, context -> asset(context, "text/javascript", resource("/web" + path)));
  }

  private List<Route> pages() {
    List<Route> all = new ArrayList<>();
    all.addAll(list("/runs", pages::runs));
    all.addAll(list("/lineage", pages::beginnings));
    all.addAll(list("/datasets", pages::datasets));
    all.addAll(list("/models", pages::models));
    all.addAll(list("/evaluations", pages::evaluations));
    all.addAll(list("/schedules", pages::schedules));
    all.add(
        Route.get(
            "/schedules/{schedule}",
            context -> answer(context, pages.schedule(id(context, "schedule"), form(context)))));
    all.add(
        Route.get(
            "/runs/{run}",
            context -> answer(context, pages.run(id(context, "run"), form(context)))));
    all.add(Route.get("/runs/{run}/report", this::report));
    all.add(
        Route.get(
            "/checkpoints/{checkpoint}",
            context ->
                answer(context, pages.checkpoint(id(context, "checkpoint"), form(context)))));
    Set<String> direction = Set.of("direction");
    all.add(
        Route.get(
            "/lineage/{ref}",
            direction,
            context ->
                answer(
                    context,
                    pages.lineage(
                        id(context, "ref"),
                        ApiQuery.ofPage(context.queryParamMap(), direction),
                        form(context)))));
    return all;
  }

  /** A page with a twin at its own path. */
  private static List<Route> list(String path, Function<Pages.Form, String> page) {
    return List.of(
        Route.get(path, context -> answer(context, page.apply(Pages.Form.HTML))),
        Route.get(path + TWIN, context -> answer(context, page.apply(Pages.Form.JSON))));
  }

  private List<Route> api() {
    List<Route> all = new ArrayList<>();
    for (Api.Endpoint endpoint : pages.api().endpoints()) {
      all.add(
          Route.get(
              Api.ROOT + endpoint.path(),
              endpoint.parameters(),
              context -> answer(context, endpoint)));
    }
    all.add(
        Route.get(
            Api.ROOT + "/openapi.json",
            context -> context.contentType(JSON).result(resource("/web/openapi.json"))));
    return all;
  }

  private void report(Context context) throws IOException {
    String html = pages.report(context.pathParam("run"));
    context.header(Protection.POLICY_HEADER, REPORT_POLICY);
    context.html(html);
  }

  private static void asset(Context context, String type, String text) {
    context.contentType(type + "; charset=utf-8").result(text);
  }

  private static void answer(Context context, Api.Endpoint endpoint) {
    ApiQuery query = ApiQuery.of(context.queryParamMap(), endpoint.parameters());
    String name = context.pathParamMap().getOrDefault("id", "");
    context.contentType(JSON).result(Json.of(endpoint.answer().of(query, name)));
  }

  static void answer(Context context, String text) {
    if (form(context) == Pages.Form.JSON) {
      context.contentType(JSON).result(text);
    } else {
      context.html(text);
    }
  }

  static Pages.Form form(Context context) {
    return context.path().endsWith(TWIN) ? Pages.Form.JSON : Pages.Form.HTML;
  }

  private static String id(Context context, String name) {
    String given = context.pathParam(name);
    return given.endsWith(TWIN) ? given.substring(0, given.length() - TWIN.length()) : given;
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
