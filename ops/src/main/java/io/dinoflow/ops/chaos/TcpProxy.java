package io.dinoflow.ops.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Passes bytes both ways without looking at them, but for one answer: PostgreSQL, Temporal. */
final class TcpProxy extends Proxy {
  private static final int BUFFER_BYTES = 1 << 14;

  /** An answer to lose: the first with {@code answer} in it after {@code asked} was said. */
  private record Loss(String asked, String answer) {}

  private final AtomicReference<Optional<Loss>> loss = new AtomicReference<>(Optional.empty());

  TcpProxy(String name, Supplier<Optional<InetSocketAddress>> server) throws IOException {
    super(name, server);
  }

  /**
   * The connection on which the client says {@code asked} breaks instead of bringing the answer
   * with {@code answer}: what the server did the client does not know. Once.
   */
  void loseAnswer(String asked, String answer) {
    loss.set(Optional.of(new Loss(asked, answer)));
  }

  /** Whether such an answer is still to come. */
  boolean isWaiting() {
    return planned().isPresent();
  }

  /** No answer is lost any more. */
  void forget() {
    loss.set(Optional.empty());
  }

  private Optional<Loss> planned() {
    Optional<Loss> now = loss.get();
    return now == null ? Optional.empty() : now;
  }

  @Override
  void serve(Socket client, Socket server) throws IOException {
    AtomicBoolean asked = new AtomicBoolean();
    thread("back", () -> answer(server, client, asked));
    InputStream in = client.getInputStream();
    OutputStream out = server.getOutputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      passing();
      Optional<Loss> plan = planned();
      if (plan.isPresent() && text(buffer, count).contains(plan.get().asked())) {
        asked.set(true);
      }
      out.write(buffer, 0, count);
    }
  }

  private void answer(Socket server, Socket client, AtomicBoolean asked) {
    try (client) {
      InputStream in = server.getInputStream();
      OutputStream out = client.getOutputStream();
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        passing();
        Optional<Loss> plan = planned();
        if (asked.get()
            && plan.isPresent()
            && text(buffer, count).contains(plan.get().answer())
            && loss.compareAndSet(plan, Optional.empty())) {
          return;
        }
        out.write(buffer, 0, count);
      }
    } catch (IOException ended) {
      // the other direction ends with it
      return;
    }
  }

  private static String text(byte[] buffer, int count) {
    return new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
  }
}
