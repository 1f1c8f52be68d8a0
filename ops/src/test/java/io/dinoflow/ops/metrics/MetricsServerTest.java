package io.dinoflow.ops.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.ops.Listener;
import io.micrometer.core.instrument.Metrics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsServerTest {
  private static final String TOKEN = "a-token-of-enough-letters";
  private final HttpClient client = HttpClient.newHttpClient();
  private ProcessMetrics metrics;

  @BeforeEach
  void install() {
    metrics = ProcessMetrics.install("worker-test");
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void answersWithWhatTheProcessMeasures() throws Exception {
    Metrics.counter("dinoflow.test.things", "kind", "good").increment(3);
    try (MetricsServer server = MetricsServer.start(Listener.onLoopback(0), metrics)) {
      HttpResponse<String> answer = get(server.url(), "");

      assertThat(server.url()).startsWith("http://127.0.0.1:").endsWith("/metrics");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type").orElse(""))
          .startsWith("text/plain; version=0.0.4");
      assertThat(answer.body())
          .contains("dinoflow_test_things_total{kind=\"good\"} 3.0")
          .contains("dinoflow_process_up{process=\"worker-test\",version=")
          .contains("jvm_memory_used_bytes{")
          .contains("process_cpu_usage ");
      assertThat(get(server.url().replace("/metrics", "/other"), "").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void wantsTheTokenWhereThereIsOne() throws Exception {
    Listener where = Listener.metrics(Map.of("DINOFLOW_TOKEN", TOKEN));
    try (MetricsServer server = MetricsServer.start(where, metrics)) {
      HttpResponse<String> refused = get(server.url(), "");
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.body()).doesNotContain("jvm_");
      assertThat(get(server.url(), "Bearer wrong").statusCode()).isEqualTo(401);
      assertThat(get(server.url(), "Bearer " + TOKEN).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void isForReading() throws Exception {
    try (MetricsServer server = MetricsServer.start(Listener.onLoopback(0), metrics)) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(server.url()))
                  .POST(HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(405);
    }
  }

  private HttpResponse<String> get(String url, String authorization) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
