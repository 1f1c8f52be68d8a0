package io.dinoflow.ops.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Optional;
import java.util.function.Supplier;

/** Passes bytes both ways without looking at them: PostgreSQL, Temporal. */
final class TcpProxy extends Proxy {
  private static final int BUFFER_BYTES = 1 << 14;

  TcpProxy(String name, Supplier<Optional<InetSocketAddress>> server) throws IOException {
    super(name, server);
  }

  @Override
  void serve(Socket client, Socket server) throws IOException {
    thread("back", () -> passBack(server, client));
    pass(client, server);
  }

  private void passBack(Socket server, Socket client) {
    try (client) {
      pass(server, client);
    } catch (IOException ended) {
      // the other direction ends with it
      return;
    }
  }

  private void pass(Socket from, Socket to) throws IOException {
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      passing();
      out.write(buffer, 0, count);
    }
  }
}
