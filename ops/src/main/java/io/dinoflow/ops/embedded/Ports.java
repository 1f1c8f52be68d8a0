package io.dinoflow.ops.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Chooses loopback ports: the customary one when it is free, else any free one, and says so. Hands
 * out no port twice; a customary one not to two processes either, though it is free for as long as
 * the server that is to have it begins: who gets it locks a file in a folder that all share, which
 * the system lets go when the process ends.
 */
final class Ports {
  private final Set<Integer> handedOut = new HashSet<>();

  /** Kept, since a lock ends with its channel. */
  private final List<FileChannel> locked = new ArrayList<>();

  private final Path locks;
  private final Consumer<String> progress;

  Ports(Path locks, Consumer<String> progress) {
    this.locks = locks;
    this.progress = progress;
  }

  /** A port for a service, preferably the given one. */
  synchronized int free(String service, int preferred) throws IOException {
    if (!handedOut.contains(preferred) && isFree(preferred) && isOurs(preferred)) {
      handedOut.add(preferred);
      return preferred;
    }
    int port = any();
    progress.accept("port %d is in use: %s takes %d".formatted(preferred, service, port));
    return port;
  }

  /** Whether nobody else was given it, who has perhaps not come to use it yet. */
  private boolean isOurs(int port) throws IOException {
    Files.createDirectories(locks);
    FileChannel channel =
        FileChannel.open(
            locks.resolve("port-" + port + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        locked.add(channel);
        return true;
      }
      channel.close();
      return false;
    } catch (OverlappingFileLockException givenInThisProcess) {
      channel.close();
      return false;
    }
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
