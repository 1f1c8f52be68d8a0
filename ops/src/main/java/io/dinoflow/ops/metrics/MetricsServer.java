package io.dinoflow.ops.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dinoflow.ops.Listener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * {@code GET /metrics} of a process that serves nothing else. It has one thread of its own, so a
 * scrape never waits for training, nor training for a scrape.
 */
public final class MetricsServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService thread;
  private final Listener where;

  private MetricsServer(HttpServer server, ExecutorService thread, Listener where) {
    this.server = server;
    this.thread = thread;
    this.where = where;
  }

  /**
   * @throws IOException the address is taken, or none of this machine's
   */
  public static MetricsServer start(Listener where, ProcessMetrics metrics) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(where.host(), where.port()), 8);
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread worker = new Thread(task, "metrics");
              worker.setDaemon(true);
              return worker;
            });
    server.setExecutor(thread);
    server.createContext("/", exchange -> answer(exchange, where, metrics));
    server.start();
    return new MetricsServer(server, thread, where);
  }

  public String url() {
    return where.url(server.getAddress().getPort()) + "/metrics";
  }

  private static void answer(HttpExchange exchange, Listener where, ProcessMetrics metrics)
      throws IOException {
    try (exchange) {
      if (!where.answersTo(header(exchange, "Host"))) {
        send(exchange, 421, "text/plain", "metrics answer only under a loopback name\n");
      } else if (where.token().isPresent()
          && !where.token().get().opens(header(exchange, "Authorization"))) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
        send(exchange, 401, "text/plain", "send Authorization: Bearer with the token\n");
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        send(exchange, 405, "text/plain", "metrics are for reading\n");
      } else if (!exchange.getRequestURI().getPath().equals("/metrics")) {
        send(exchange, 404, "text/plain", "there is only /metrics\n");
      } else {
        send(exchange, 200, ProcessMetrics.CONTENT_TYPE, metrics.text());
      }
    }
  }

  private static String header(HttpExchange exchange, String name) {
    return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst(name), "");
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    thread.shutdownNow();
  }
}
