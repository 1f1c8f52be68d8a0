package io.dinoflow.ops.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Chooses loopback ports: the customary one when it is free, else any free one, and says so. Hands
 * out no port twice.
 */
final class Ports {
  private final Set<Integer> handedOut = new HashSet<>();
  private final Consumer<String> progress;

  Ports(Consumer<String> progress) {
    this.progress = progress;
  }

  /** A port for a service, preferably the given one. */
  synchronized int free(String service, int preferred) throws IOException {
    if (!handedOut.contains(preferred) && isFree(preferred)) {
      handedOut.add(preferred);
      return preferred;
    }
    int port = any();
    progress.accept("port %d is in use: %s takes %d".formatted(preferred, service, port));
    return port;
  }

  /** Any free port. */
  synchronized int any() throws IOException {
    while (true) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (handedOut.add(socket.getLocalPort())) {
          return socket.getLocalPort();
        }
      }
    }
  }

  /** True where nothing listens, on loopback or on all addresses. */
  static boolean isFree(int port) {
    try (ServerSocket loopback = new ServerSocket()) {
      loopback.setReuseAddress(true);
      loopback.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  /** True where something accepts connections. */
  static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }
}
