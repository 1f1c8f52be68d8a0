package io.dinoflow.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the proxies spoil they spoil as told, and nothing else. */
class ProxyTest {
  private static final byte[] BODY = "0123456789".repeat(5_000).getBytes(StandardCharsets.US_ASCII);
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final String OBJECT = "/bucket/cas/ab/object";

  private final Map<String, byte[]> stored = new ConcurrentHashMap<>(Map.of(OBJECT, BODY));
  private final AtomicInteger served = new AtomicInteger();
  private HttpServer server;
  private HttpProxy proxy;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeEach
  void startServerAndProxy() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::serve);
    server.start();
    proxy =
        new HttpProxy(
            "test",
            () -> {
              served.incrementAndGet();
              return Optional.of(server.getAddress());
            });
    proxy.start();
  }

  @AfterEach
  void stop() {
    proxy.close();
    server.stop(0);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (exchange.getRequestMethod().equals("PUT")) {
        stored.put(path, exchange.getRequestBody().readAllBytes());
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      byte[] body = stored.getOrDefault(path, new byte[0]);
      // length 0 makes this server send the body in chunks
      exchange.sendResponseHeaders(200, path.contains("chunked") ? 0 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Test
  void passesRequestsAndAnswersAsTheyAre() throws Exception {
    assertThat(get(OBJECT).body()).isEqualTo(BODY);
    HttpResponse<byte[]> put =
        client.send(
            request("/bucket/cas/new").PUT(HttpRequest.BodyPublishers.ofByteArray(BODY)).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(put.statusCode()).isEqualTo(200);
    assertThat(stored.get("/bucket/cas/new")).isEqualTo(BODY);
    stored.put("/chunked", BODY);
    assertThat(get("/chunked").body()).isEqualTo(BODY);
    assertThat(get(OBJECT).body()).isEqualTo(BODY);
  }

  @Test
  void refusesAsManyRequestsAsItIsTold() throws Exception {
    proxy.refuse(2);

    assertThat(get(OBJECT).statusCode()).isEqualTo(503);
    assertThat(get(OBJECT).statusCode()).isEqualTo(503);
    assertThat(get(OBJECT).statusCode()).isEqualTo(200);
    assertThat(proxy.pending()).isZero();
  }

  @Test
  void turnsOneByteOfOneReadOver() throws Exception {
    proxy.flip(1);
    get("/elsewhere");

    byte[] flipped = get(OBJECT).body();

    assertThat(flipped).hasSameSizeAs(BODY);
    int different = 0;
    for (int i = 0; i < BODY.length; i++) {
      different += flipped[i] == BODY[i] ? 0 : 1;
    }
    assertThat(different).isOne();
    assertThat(get(OBJECT).body()).isEqualTo(BODY);
  }

  @Test
  void endsOneReadHalfWay() throws Exception {
    proxy.truncate(1);

    assertThatThrownBy(() -> get(OBJECT)).isInstanceOf(IOException.class);

    assertThat(get(OBJECT).body()).isEqualTo(BODY);
  }

  @Test
  void holdsWithoutTellingAndGoesOnWhenHealed() throws Exception {
    proxy.hold();
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request(OBJECT).build(), HttpResponse.BodyHandlers.ofByteArray());
    assertThatThrownBy(() -> answer.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);

    proxy.heal();

    assertThat(answer.get(2, TimeUnit.MINUTES).body()).isEqualTo(BODY);
  }

  @Test
  void cutsWhatIsOpenAndServesWhatComesThen() throws Exception {
    proxy.hold();
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request(OBJECT).PUT(HttpRequest.BodyPublishers.ofByteArray(BODY)).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    // what is not open yet is not cut
    await().atMost(LONGEST).until(() -> served.get() > 0);
    assertThatThrownBy(() -> answer.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);

    proxy.cut();
    assertThatThrownBy(() -> answer.get(2, TimeUnit.MINUTES))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class);
    proxy.heal();

    assertThat(get(OBJECT).statusCode()).isEqualTo(200);
  }

  @Test
  void plainTcpPassesBothWaysAndIsCut() throws Exception {
    try (ServerSocket echo = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        TcpProxy tcp =
            new TcpProxy(
                "echo",
                () ->
                    Optional.of(
                        new InetSocketAddress(echo.getInetAddress(), echo.getLocalPort())))) {
      tcp.start();
      CompletableFuture<Void> echoed = CompletableFuture.runAsync(() -> echoOnce(echo));
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), tcp.port())) {
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");

        tcp.cut();

        assertThat(endOf(socket)).isTrue();
      }
      echoed.get(2, TimeUnit.MINUTES);
    }
  }

  /** However the end falls together with a connection that just arrives. */
  @Test
  void lettingGoOfWhatItHeldItPassesNothing() throws Exception {
    for (int i = 0; i < 300; i++) {
      AtomicInteger arrived = new AtomicInteger();
      HttpProxy held =
          new HttpProxy(
              "held",
              () -> {
                arrived.incrementAndGet();
                return Optional.of(server.getAddress());
              });
      held.start();
      held.hold();
      String path = "/bucket/cas/held-" + i;
      CompletableFuture<HttpResponse<Void>> put =
          client.sendAsync(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + held.port() + path))
                  .PUT(HttpRequest.BodyPublishers.ofByteArray(BODY))
                  .build(),
              HttpResponse.BodyHandlers.discarding());
      LockSupport.parkNanos(i * 10_000L);

      held.close();

      assertThatThrownBy(() -> put.get(2, TimeUnit.MINUTES))
          .as("attempt %d, %d connections", i, arrived.get())
          .hasCauseInstanceOf(IOException.class);
      assertThat(stored).doesNotContainKey(path);
    }
  }

  private static boolean endOf(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (IOException reset) {
      return true;
    }
  }

  private static void echoOnce(ServerSocket server) {
    try (Socket socket = server.accept();
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException cut) {
      return;
    }
  }

  private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + path));
  }
}
