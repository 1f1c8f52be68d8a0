package io.dinoflow.ops.chaos;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A TCP proxy on loopback that can misbehave. Where the server is, is asked anew for every
 * connection: it may have been started again on another port. Thread-safe.
 */
abstract class Proxy implements AutoCloseable {
  private static final int CONNECT_MILLIS_MAX = 2_000;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ServerSocket listener;
  private final String name;
  private final Supplier<Optional<InetSocketAddress>> server;
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
  private volatile boolean held;
  private volatile long delayMillis;
  private volatile boolean closed;

  Proxy(String name, Supplier<Optional<InetSocketAddress>> server) throws IOException {
    this.name = name;
    this.server = server;
    this.listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
  }

  /** Begins to accept; once. */
  final void start() {
    thread("accept", this::accept);
  }

  final int port() {
    return listener.getLocalPort();
  }

  /** Breaks every connection that is open now. */
  final void cut() {
    open.forEach(Proxy::closeQuietly);
  }

  /** From now on no byte passes, in either direction; nobody is told. */
  final void hold() {
    held = true;
  }

  /** Every piece of data is that late. */
  final void delay(long millis) {
    delayMillis = millis;
  }

  /** Behaves again; what was held goes on. */
  final void heal() {
    held = false;
    delayMillis = 0;
  }

  /** Serves a connection until one side ends; called on a thread of its own. */
  abstract void serve(Socket client, Socket server) throws IOException;

  /**
   * To be called before each piece of data is passed on.
   *
   * @throws IOException once the proxy is closed: what it held back then is never let go
   */
  final void passing() throws IOException {
    if (delayMillis > 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delayMillis));
    }
    while (held && !closed) {
      LockSupport.parkNanos(POLL_NANOS);
    }
    if (closed) {
      throw new IOException(name + " is closed");
    }
  }

  final Thread thread(String what, Runnable work) {
    Thread thread = new Thread(work, "proxy-" + name + "-" + what);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void accept() {
    while (!closed) {
      Socket client;
      try {
        client = listener.accept();
      } catch (IOException e) {
        return;
      }
      open.add(client);
      if (closed) {
        // it came while close() went through those that were open
        closeQuietly(client);
        return;
      }
      thread("serve", () -> connect(client));
    }
  }

  private void connect(Socket client) {
    try (Socket upstream = new Socket()) {
      open.add(upstream);
      Optional<InetSocketAddress> where = server.get();
      if (where.isPresent()) {
        passing();
        upstream.connect(where.get(), CONNECT_MILLIS_MAX);
        upstream.setTcpNoDelay(true);
        client.setTcpNoDelay(true);
        serve(client, upstream);
      }
      open.remove(upstream);
    } catch (IOException ended) {
      // a connection that ends, however it ends, is what this class is for
      closeQuietly(client);
    } finally {
      closeQuietly(client);
      open.remove(client);
    }
  }

  private static void closeQuietly(Closeable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // it is closed all the same
      return;
    }
  }

  @Override
  public final void close() {
    closed = true;
    closeQuietly(listener);
    cut();
  }
}
