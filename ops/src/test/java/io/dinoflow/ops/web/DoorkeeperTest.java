package io.dinoflow.ops.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.ops.Listener;
import io.dinoflow.ops.report.DemoRun;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DoorkeeperTest {
  private static final String TOKEN = "a-token-of-enough-letters";
  private final HttpClient client = HttpClient.newHttpClient();
  private PageServer server;

  @BeforeEach
  void start() {
    Listener where = Listener.page(Map.of("DINOFLOW_TOKEN", TOKEN)).at(0);
    Pages pages =
        new Pages(
            DemoRun.done(),
            run -> Optional.empty(),
            new FakeSchedules(),
            Optional.empty(),
            DemoRun.CLOCK);
    server =
        PageServer.start(
            where,
            pages,
            new Watched(
                () -> "dinoflow_process_up 1\n",
                List.of(new Watched.Target("127.0.0.1:9", "worker-train"))));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void showsNothingToAStranger() throws Exception {
    for (String path :
        List.of(
            "/runs", "/runs/demo-0a1b2c3d", "/runs/demo-0a1b2c3d/report", "/lineage", "/live.js")) {
      HttpResponse<String> answer = get(path, Map.of());
      assertThat(answer.statusCode()).as(path).isEqualTo(302);
      assertThat(answer.headers().firstValue("Location").orElse("")).endsWith("/login");
      assertThat(answer.body()).doesNotContain("demo-0a1b2c3d");
    }
    for (String path : List.of("/runs.json", "/api/v1/runs", "/metrics", "/metrics/targets")) {
      HttpResponse<String> answer = get(path, Map.of());
      assertThat(answer.statusCode()).as(path).isEqualTo(401);
      assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer");
      assertThat(answer.body()).doesNotContain("demo-0a1b2c3d", "dinoflow_process_up");
    }
    assertThat(get("/healthz", Map.of()).body()).isEqualTo("ok\n");
  }

  @Test
  void letsAProgramInByItsHeader() throws Exception {
    Map<String, String> right = Map.of("Authorization", "Bearer " + TOKEN);

    assertThat(get("/api/v1/runs", right).body()).contains("demo-0a1b2c3d");
    assertThat(get("/runs", right).statusCode()).isEqualTo(200);
    assertThat(get("/metrics", right).body()).isEqualTo("dinoflow_process_up 1\n");
    HttpResponse<String> wrong =
        get("/runs", Map.of("Authorization", "Bearer not-the-right-token"));
    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(wrong.body()).contains("the one sent is not it").doesNotContain("demo-0a1b2c3d");
  }

  @Test
  void letsABrowserInByItsCookie() throws Exception {
    HttpResponse<String> form = get("/login", Map.of());
    assertThat(form.body())
        .contains("<form method=\"post\"", "name=\"token\"", "type=\"password\"");
    assertThat(form.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "form-action 'self'")
        .doesNotContain("script-src", "unsafe");

    HttpResponse<String> answer = logIn(TOKEN);
    assertThat(answer.statusCode()).isEqualTo(303);
    String cookie = answer.headers().firstValue("Set-Cookie").orElse("");
    assertThat(cookie).contains("HttpOnly", "SameSite=Strict", "Path=/").doesNotContain(TOKEN);
    String pair = cookie.substring(0, cookie.indexOf(';'));
    assertThat(get("/runs", Map.of("Cookie", pair)).body()).contains("demo-0a1b2c3d");
    assertThat(get("/runs", Map.of("Cookie", pair + "0")).statusCode()).isEqualTo(302);
    assertThat(get("/runs", Map.of("Cookie", "dinoflow_session=" + TOKEN)).statusCode())
        .isEqualTo(302);
  }

  @Test
  void saysThatATokenIsWrongAndGivesNoCookie() throws Exception {
    for (String wrong : List.of("", "a-token-of-enough-letterz", "x".repeat(10_000))) {
      HttpResponse<String> answer = logIn(wrong);
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.body()).contains("that is not the token");
      assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
    }
  }

  @Test
  void tellsPrometheusWhereEveryProcessIs() throws Exception {
    var groups =
        new ObjectMapper()
            .readTree(get("/metrics/targets", Map.of("Authorization", "Bearer " + TOKEN)).body());

    assertThat(groups).hasSize(2);
    assertThat(groups.at("/0/targets/0").asText()).isEqualTo(server.url().replace("http://", ""));
    assertThat(groups.at("/1/targets/0").asText()).isEqualTo("127.0.0.1:9");
    assertThat(groups.at("/1/labels/process").asText()).isEqualTo("worker-train");
  }

  private HttpResponse<String> logIn(String typed) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(server.url() + "/login"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("token=" + typed))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, Map<String, String> headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path));
    headers.forEach(request::header);
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
