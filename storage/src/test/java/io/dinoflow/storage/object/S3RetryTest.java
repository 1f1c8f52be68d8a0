package io.dinoflow.storage.object;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class S3RetryTest {
  private final AtomicInteger failuresLeft = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;

  /** A server that says 503 for a while, then that the bucket is there. */
  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          if (failuresLeft.getAndDecrement() > 0) {
            byte[] body =
                "<Error><Code>SlowDown</Code><Message>busy</Message></Error>".getBytes(UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/xml");
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(503, head ? -1 : body.length);
            if (!head) {
              exchange.getResponseBody().write(body);
            }
          } else {
            exchange.sendResponseHeaders(200, -1);
          }
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void goesOnAfterAServerThatIsBusyForAWhile() throws IOException {
    failuresLeft.set(2);
    connect().close();
    assertThat(requests.get()).isEqualTo(3);
  }

  @Test
  void saysThatTheStoreIsUnavailableWhenItStaysBusy() {
    failuresLeft.set(1000);
    assertThatThrownBy(this::connect)
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("5 attempts");
  }

  @Test
  void saysThatTheStoreIsUnavailableWhenNobodyListens() {
    server.stop(0);
    assertThatThrownBy(this::connect).isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void triesAgainWhatTheClientWrapsUnchecked() {
    AtomicInteger calls = new AtomicInteger();
    String answer =
        new S3Retry("here")
            .run(
                "look at it",
                () -> {
                  if (calls.incrementAndGet() < 3) {
                    throw new IllegalStateException(new ConnectException("Connection refused"));
                  }
                  return "answered";
                });
    assertThat(answer).isEqualTo("answered");
    assertThat(calls).hasValue(3);
  }

  @Test
  void passesOnWhatIsNoMatterOfTheConnection() {
    assertThatThrownBy(
            () ->
                new S3Retry("here")
                    .run(
                        "look at it",
                        () -> {
                          throw new IllegalArgumentException("a bug");
                        }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a bug");
  }

  private S3ObjectStore connect() {
    return S3ObjectStore.connect(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
        "bucket",
        "key",
        "secret-1");
  }
}
