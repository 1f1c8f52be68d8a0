package io.dinoflow.ops.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.ops.Listener;
import io.dinoflow.ops.report.DemoRun;
import io.javalin.http.HandlerType;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an attacker may send, to everything that is served. The table of routes comes from the
 * server, so that a new route is attacked as soon as it has an example here, and fails without one.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class HostileInputTest {
  private static final String TOKEN = "a-token-of-enough-letters";
  private static final String GRAM = HostileFacts.CHECKPOINT.hex();
  private static final String RUN = DemoRun.ID.value();
  private static final int ERROR_CHARACTERS_MAX = 4_000;
  private static final int BODY_BYTES = 10 << 20;
  private static final int ENDLESS_BYTES = 256 << 20;

  /** A request that is answered, for each route: with all its parts and parameters. */
  private static final Map<String, String> EXAMPLES =
      Map.ofEntries(
          Map.entry("/", "/"),
          Map.entry("/healthz", "/healthz"),
          Map.entry("/login", "/login"),
          Map.entry("/metrics", "/metrics"),
          Map.entry("/metrics/targets", "/metrics/targets"),
          Map.entry("/style.css", "/style.css"),
          Map.entry("/live.js", "/live.js"),
          Map.entry("/graph.js", "/graph.js"),
          Map.entry("/runs", "/runs"),
          Map.entry("/runs.json", "/runs.json"),
          Map.entry("/runs/{run}", "/runs/" + RUN),
          Map.entry("/runs/{run}/report", "/runs/" + RUN + "/report"),
          Map.entry("/checkpoints/{checkpoint}", "/checkpoints/" + GRAM),
          Map.entry("/lineage", "/lineage"),
          Map.entry("/lineage.json", "/lineage.json"),
          Map.entry("/lineage/{ref}", "/lineage/" + GRAM + "?direction=up"),
          Map.entry("/datasets", "/datasets"),
          Map.entry("/datasets.json", "/datasets.json"),
          Map.entry("/models", "/models"),
          Map.entry("/models.json", "/models.json"),
          Map.entry("/evaluations", "/evaluations"),
          Map.entry("/evaluations.json", "/evaluations.json"),
          Map.entry("/schedules", "/schedules"),
          Map.entry("/schedules.json", "/schedules.json"),
          Map.entry("/schedules/{schedule}", "/schedules/nightly"),
          Map.entry("/api/v1/schedules", "/api/v1/schedules?limit=5&cursor=nightly"),
          Map.entry("/api/v1/schedules/{id}", "/api/v1/schedules/nightly"),
          Map.entry("/api/v1/openapi.json", "/api/v1/openapi.json"),
          Map.entry("/api/v1/runs", "/api/v1/runs?limit=5&cursor=" + RUN),
          Map.entry("/api/v1/runs/{id}", "/api/v1/runs/" + RUN),
          Map.entry(
              "/api/v1/checkpoints", "/api/v1/checkpoints?limit=5&run=" + RUN + "&cursor=" + GRAM),
          Map.entry("/api/v1/checkpoints/{id}", "/api/v1/checkpoints/" + GRAM),
          Map.entry(
              "/api/v1/lineage",
              "/api/v1/lineage?ref=" + GRAM + "&direction=up&depth=3&limit=5&cursor=1"),
          Map.entry(
              "/api/v1/datasets", "/api/v1/datasets?limit=5&cursor=" + HostileFacts.DATASET.hex()),
          Map.entry("/api/v1/models", "/api/v1/models?limit=5&cursor=birds@1"),
          Map.entry("/api/v1/models/{id}", "/api/v1/models/birds"),
          Map.entry("/api/v1/events", "/api/v1/events?limit=5&cursor=1&run=" + RUN));

  /** As typed; sent with every character encoded that is no letter. */
  private static final List<String> TYPED =
      List.of(
          HostileFacts.SENT,
          "'; DROP TABLE artifact; --",
          "' OR '1'='1",
          "ffffffff' OR '1'='1",
          RUN + "'; SELECT pg_sleep(60); --",
          "%' UNION SELECT password FROM users --",
          "../../etc/passwd",
          "..\\..\\windows",
          "a\u0000b",
          RUN + "/gr\u0000am",
          "\r\nSet-Cookie: hostile=1\r\n\r\n<script>alert(1)</script>",
          "\u2028\u202e\ufeff\ufffd",
          "${7*7} {{7*7}} #{7*7} <%= 7*7 %>",
          "${jndi:ldap://hostile.example/a}",
          "javascript:alert(1)",
          "//hostile.example/",
          "1".repeat(40),
          "-1",
          "NaN",
          "\uD83E\uDD95".repeat(60),
          "x".repeat(3_000));

  /** As bytes of the request, where encoding is the attack. */
  private static final List<String> SENT =
      List.of(
          "..%2f..%2fetc%2fpasswd",
          "%2e%2e%2f%2e%2e%2fetc",
          "..%5c..%5c",
          "%252e%252e%252fetc",
          "..;/x",
          "%00",
          "x%0d%0aSet-Cookie:%20hostile=1",
          "%ff%fe",
          "%c0%ae%c0%ae",
          "%ed%a0%80",
          "%",
          "%zz",
          "%u0041",
          "\u00ff\u00fe",
          "a".repeat(100_000));

  private Optional<PageServer> server = Optional.empty();

  @AfterEach
  void stop() {
    server.ifPresent(PageServer::close);
  }

  @Test
  void everyRouteHasAnExampleThatIsAnswered() throws Exception {
    RawHttp http = open();
    assertThat(EXAMPLES.keySet())
        .isEqualTo(routes().stream().map(Route::path).collect(Collectors.toSet()));
    for (Route route : reading()) {
      RawHttp.Answer answer = http.send("GET", example(route));
      assertThat(answer.status()).as(example(route) + answer.body()).isIn(200, 302);
      assertThat(query(example(route)).keySet())
          .as("the example has every parameter of " + route.path())
          .isEqualTo(route.parameters());
    }
  }

  @Test
  void storedTextIsShownAsTextOnEveryRoute() throws Exception {
    RawHttp http = open();
    assertThat(Markup.foreign("<p>" + HostileFacts.TEXT)).as("the check finds it").isNotEmpty();
    int pages = 0;
    for (Route route : reading()) {
      for (String target : twins(route)) {
        RawHttp.Answer answer = http.send("GET", target);
        safe(target, answer);
        pages += answer.type().equals("text/html") ? 1 : 0;
      }
    }
    assertThat(pages).isGreaterThan(9);
  }

  @Test
  void hostileNamesAreRefusedOnEveryRoute() throws Exception {
    RawHttp http = open();
    int sent = 0;
    for (Route route : reading()) {
      for (String target : targets(route)) {
        for (String value : values()) {
          refused(target.replace("@", value), http.send("GET", target.replace("@", value)));
          sent++;
        }
      }
    }
    assertThat(sent).as("requests").isGreaterThan(500);
    assertThat(http.send("GET", "/runs").status()).as("it still answers").isEqualTo(200);
  }

  @Test
  void whatNoRouteKnowsChangesNothing() throws Exception {
    RawHttp http = open();
    for (Route route : reading()) {
      String example = example(route);
      for (String value : values()) {
        String target = example + (example.contains("?") ? "&" : "?") + "x=" + value;
        RawHttp.Answer answer = http.send("GET", target);
        assertThat(answer.status()).as(named(target)).isLessThan(500);
        safe(target, answer);
      }
      for (String path : List.of("/" + "%2e%2e/".repeat(8) + "etc/passwd", "/../../etc/passwd")) {
        String target = example.replaceFirst("\\?.*", "") + path;
        refused(target, http.send("GET", target));
      }
    }
  }

  @Test
  void otherMethodsAreRefusedOnEveryRouteWhateverTheySend() throws Exception {
    RawHttp http = open();
    for (Route route : reading()) {
      for (String method :
          List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get")) {
        boolean form = method.equals("POST") && route.path().equals(Doorkeeper.LOGIN);
        String target = example(route);
        RawHttp.Answer answer = http.send(method, target);
        safe(method + " " + target + " " + answer, answer);
        assertThat(answer.status()).as(method + " " + target).isEqualTo(form ? 401 : 405);
      }
      refused(route.path(), http.send("POST", example(route), BODY_BYTES));
      refused(route.path(), http.send("<script>", example(route)));
    }
    assertThat(http.send("GET", "/runs").status()).as("it still answers").isEqualTo(200);
  }

  @Test
  void giantHeadersAndForeignHostsAreRefusedOnEveryRoute() throws Exception {
    RawHttp http = open();
    for (Route route : reading()) {
      String target = example(route);
      refused(target, http.send("GET", target, "X: " + "a".repeat(100_000)));
      for (String host :
          List.of(
              "hostile.example", "<script>alert(1)</script>", "127.0.0.1@hostile.example", "")) {
        refused(target, http.send("GET", target, "Host: " + host));
      }
    }
  }

  @Test
  void theLogInFormTakesNothingButTheToken() throws Exception {
    RawHttp http = openWithToken();
    String form = "Content-Type: application/x-www-form-urlencoded";
    for (String value : values()) {
      RawHttp.Answer answer = http.post("/login", form, "token=" + value);
      safe("token=" + value, answer);
      assertThat(answer.status()).as(named(value)).isBetween(400, 499);
      assertThat(answer.headers()).as(named(value)).doesNotContainKey("set-cookie");
    }
    for (String body :
        List.of("", "token", "&&&=", "token[]=" + TOKEN, "token=x&token=" + TOKEN, "%=%&%zz=%ff")) {
      assertThat(http.post("/login", form, body).status()).as(body).isBetween(400, 499);
    }
    for (String type :
        List.of(
            "Content-Type: multipart/form-data; boundary=x",
            "Content-Type: application/x-www-form-urlencoded; charset=hostile",
            "Content-Type: \u00ff",
            "X: y")) {
      assertThat(http.post("/login", type, "token=x").status()).as(type).isBetween(400, 499);
    }
    refused("/login", http.send("POST", "/login", BODY_BYTES, form));
    assertThat(http.sendUntilRefused("/login", form, ENDLESS_BYTES))
        .as("bytes taken of a body without an end")
        .isLessThan(ENDLESS_BYTES / 4);
    assertThat(http.post("/login", form, "token=" + TOKEN).status()).isEqualTo(303);
  }

  @Test
  void redirectsLeadNowhereElse() throws Exception {
    RawHttp http = openWithToken();
    String form = "Content-Type: application/x-www-form-urlencoded";
    for (String target :
        List.of(
            "/",
            "/runs",
            "//hostile.example/runs",
            "/runs/%0d%0aLocation:%20http://hostile.example",
            "/lineage?next=http://hostile.example",
            "/\\hostile.example",
            "http://hostile.example/runs")) {
      RawHttp.Answer answer = http.send("GET", target, "Host: hostile.example");
      safe(target, answer);
      assertThat(answer.header("location")).as(target).isIn("", "/login");
    }
    for (String target :
        List.of("/login", "/login?next=http://hostile.example", "/login?next=%0d%0aX:%20y")) {
      RawHttp.Answer answer =
          http.post(target, form + "\r\nHost: hostile.example", "token=" + TOKEN + "&next=//x.y");
      safe(target, answer);
      assertThat(answer.header("location")).as(target).isEqualTo("/runs");
    }
  }

  @Test
  void aStrangerIsToldNothingWhateverIsAsked() throws Exception {
    RawHttp http = openWithToken();
    for (Route route : reading()) {
      if (!List.of("/healthz", "/style.css", "/login").contains(route.path())) {
        RawHttp.Answer answer = http.send("GET", example(route));
        safe(route.path(), answer);
        assertThat(answer.status()).as(route.path()).isIn(302, 401);
        assertThat(answer.body()).as(route.path()).doesNotContain("alert(1)", "reads_nothing");
      }
      for (String authorization :
          List.of("Bearer", "Bearer " + "a".repeat(6_000), "Basic \u00ff", "bearer \" OR 1=1")) {
        RawHttp.Answer answer =
            http.send(
                "GET", example(route), "Authorization: " + authorization, "Cookie: =;;;\u0001");
        assertThat(answer.status()).as(authorization).isLessThan(500);
        safe(route.path(), answer);
      }
    }
  }

  /** Not answered, in a way that helps who erred and nobody else. */
  private static void refused(String target, RawHttp.Answer answer) {
    assertThat(answer.status()).as(named(target) + answer.body()).isBetween(400, 499);
    assertThat(answer.body().length()).as(named(target)).isLessThan(ERROR_CHARACTERS_MAX);
    assertThat(answer.body())
        .as("the way out of " + named(target))
        .containsAnyOf("/runs", "openapi", "dinoflow", "digits", "http://127.0.0.1");
    safe(target, answer);
  }

  /** Whatever it says: no markup of others runs, and no header of others is sent. */
  private static void safe(String target, RawHttp.Answer answer) {
    String what = named(target);
    assertThat(answer.header("content-security-policy"))
        .as(what)
        .contains("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'");
    assertThat(answer.header("x-content-type-options")).as(what).isEqualTo("nosniff");
    assertThat(answer.header("referrer-policy")).as(what).isEqualTo("no-referrer");
    assertThat(answer.header("cache-control")).as(what).contains("no-store");
    assertThat(answer.headers().keySet()).as(what).doesNotContain("set-cookie-hostile", "server");
    assertThat(answer.header("set-cookie")).as(what).doesNotContain("hostile");
    if (answer.status() != 302 && answer.status() != 303) {
      assertThat(answer.type())
          .as(what)
          .isIn(
              "text/html",
              "text/plain",
              "application/json",
              "application/problem+json",
              "text/css",
              "text/javascript");
    }
    if (answer.type().equals("text/html")) {
      assertThat(Markup.foreign(answer.body())).as(what).isEmpty();
    }
    assertThat(answer.body()).as(what).doesNotContain("\tat ", "PSQLException", "org.eclipse");
  }

  private static String named(String target) {
    return Shortened.text(target);
  }

  /** The example with one of its parts or parameters at a time open for what is sent. */
  static List<String> targets(Route route) {
    String example = example(route);
    List<String> targets = new ArrayList<>();
    String[] parts = route.path().split("/");
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].startsWith("{")) {
        String[] filled = example.split("/");
        filled[i] = "@";
        String target = String.join("/", filled);
        targets.add(target);
        if (i == parts.length - 1 && !route.path().startsWith(Api.ROOT)) {
          targets.add(target + ".json");
        }
      }
    }
    query(example)
        .forEach((name, value) -> targets.add(example.replace(name + "=" + value, name + "=@")));
    query(example)
        .forEach(
            (name, value) ->
                targets.add(
                    example.replace(name + "=" + value, name + "=" + value + "&" + name + "=@")));
    return targets;
  }

  /** The example, and its other form where it has one at the same route. */
  private static List<String> twins(Route route) {
    String example = example(route);
    return route.path().endsWith("}") && !route.path().startsWith(Api.ROOT)
        ? List.of(example, example.replaceFirst("(\\?|$)", ".json$1"))
        : List.of(example);
  }

  private static Map<String, String> query(String target) {
    Map<String, String> parameters = new TreeMap<>();
    if (target.contains("?")) {
      for (String pair : target.substring(target.indexOf('?') + 1).split("&")) {
        parameters.put(pair.split("=")[0], pair.split("=")[1]);
      }
    }
    return parameters;
  }

  static List<String> values() {
    List<String> values = new ArrayList<>(SENT);
    for (String typed : TYPED) {
      values.add(URLEncoder.encode(typed, StandardCharsets.UTF_8).replace("+", "%20"));
    }
    assertThat(values).allSatisfy(v -> assertThat(v).doesNotContain(" "));
    return values;
  }

  private static String example(Route route) {
    return EXAMPLES.getOrDefault(route.path(), "/no-example-of" + route.path());
  }

  private List<Route> routes() {
    return server.orElseThrow().routes();
  }

  private List<Route> reading() {
    return routes().stream().filter(route -> route.method() == HandlerType.GET).toList();
  }

  private RawHttp open() {
    return open(Listener.onLoopback(0));
  }

  private RawHttp openWithToken() {
    return open(Listener.page(Map.of("DINOFLOW_TOKEN", TOKEN)).at(0));
  }

  private RawHttp open(Listener where) {
    Pages pages =
        new Pages(
            HostileFacts.all(),
            run -> Optional.empty(),
            HostileFacts.schedules(),
            Optional.of("http://t/w/"),
            DemoRun.CLOCK);
    PageServer started =
        PageServer.start(where, pages, new Watched(() -> "reads_nothing 1\n", List.of()));
    server = Optional.of(started);
    return new RawHttp(started.url());
  }
}
