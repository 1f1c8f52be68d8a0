package io.dinoflow.ops.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Passes bytes both ways without looking at them, but for one word: PostgreSQL, Temporal. */
final class TcpProxy extends Proxy {
  /** PostgreSQL's statement that ends a transaction, as it stands in a message. */
  static final String COMMIT = "COMMIT\0";

  private static final int BUFFER_BYTES = 1 << 14;

  private final Deque<String> fateful = new ArrayDeque<>();

  TcpProxy(String name, Supplier<Optional<InetSocketAddress>> server) throws IOException {
    super(name, server);
  }

  /**
   * After messages with each of these words, in this order, were passed on, the connection of the
   * last one breaks instead of bringing its answer: what the server did the client does not know.
   */
  synchronized void loseAnswerTo(String... words) {
    fateful.clear();
    fateful.addAll(List.of(words));
  }

  /** Whether such a message is still to come. */
  synchronized boolean isWaiting() {
    return !fateful.isEmpty();
  }

  /** No answer is lost any more. */
  synchronized void forget() {
    fateful.clear();
  }

  @Override
  void serve(Socket client, Socket server) throws IOException {
    AtomicBoolean doomed = new AtomicBoolean();
    thread("back", () -> answer(server, client, doomed));
    InputStream in = client.getInputStream();
    OutputStream out = server.getOutputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      passing();
      if (isFateful(buffer, count)) {
        doomed.set(true);
      }
      out.write(buffer, 0, count);
    }
  }

  /** True for the message with the last word. */
  private synchronized boolean isFateful(byte[] buffer, int count) {
    if (fateful.isEmpty()) {
      return false;
    }
    String text = new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
    boolean found = false;
    for (int at = 0; !fateful.isEmpty(); ) {
      at = text.indexOf(fateful.getFirst(), at);
      if (at < 0) {
        break;
      }
      at += fateful.removeFirst().length();
      found = fateful.isEmpty();
    }
    return found;
  }

  private void answer(Socket server, Socket client, AtomicBoolean doomed) {
    try (client) {
      InputStream in = server.getInputStream();
      OutputStream out = client.getOutputStream();
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int count = in.read(buffer); count >= 0 && !doomed.get(); count = in.read(buffer)) {
        passing();
        out.write(buffer, 0, count);
      }
    } catch (IOException ended) {
      // the other direction ends with it
      return;
    }
  }
}
