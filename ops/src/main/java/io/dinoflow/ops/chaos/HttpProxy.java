package io.dinoflow.ops.chaos;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Passes HTTP/1.1 requests one by one, so that single answers can be spoilt: refused, cut short, or
 * with a byte turned over.
 */
final class HttpProxy extends Proxy {
  private static final int HEAD_BYTES_MAX = 1 << 16;
  private static final int BUFFER_BYTES = 1 << 14;
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
  private static final String SLOW_DOWN =
      "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";

  /** Marks an object's body; only those are spoilt, other answers have no digest. */
  private static final String OBJECTS = "/cas/";

  private final AtomicInteger refusals = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final Set<String> targets = ConcurrentHashMap.newKeySet();
  private volatile boolean refusingFirst;
  private final AtomicInteger truncations = new AtomicInteger();
  private final AtomicInteger flips = new AtomicInteger();

  HttpProxy(String name, Supplier<Optional<InetSocketAddress>> server) throws IOException {
    super(name, server);
  }

  /** The next requests are answered with 503. */
  void refuse(int requests) {
    refusals.set(requests);
  }

  /** From now on the first request for each target is answered with 503, the next ones are not. */
  void refuseFirst() {
    refusingFirst = true;
  }

  /** Requests that were answered with 503. */
  int refused() {
    return refused.get();
  }

  /** The next reads of an object end half way. */
  void truncate(int reads) {
    truncations.set(reads);
  }

  /** One byte of each of the next reads of an object is turned over. */
  void flip(int reads) {
    flips.set(reads);
  }

  /** Requests that are still to be spoilt. */
  int pending() {
    return refusals.get() + truncations.get() + flips.get();
  }

  /** What is planned and has not happened will not. */
  void forget() {
    refusals.set(0);
    truncations.set(0);
    flips.set(0);
    refusingFirst = false;
  }

  private static boolean take(AtomicInteger left) {
    return left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
  }

  @Override
  void serve(Socket client, Socket server) throws IOException {
    InputStream asks = new BufferedInputStream(client.getInputStream());
    OutputStream answers = client.getOutputStream();
    InputStream replies = new BufferedInputStream(server.getInputStream());
    OutputStream requests = server.getOutputStream();
    while (true) {
      Optional<Head> asked = Head.read(asks);
      if (asked.isEmpty()) {
        return;
      }
      Head request = asked.get();
      if (request.has("expect", "100-continue")) {
        answers.write(CONTINUE);
      }
      if (take(refusals) || refusingFirst && targets.add(request.target())) {
        refused.incrementAndGet();
        drain(asks, request);
        answers.write(refusal(request.isHead()));
        continue;
      }
      passing();
      requests.write(request.bytes());
      boolean sent = forward(asks, requests, request);
      Head reply = finalReply(replies);
      passing();
      if (!reply(request, reply, replies, answers) || !sent) {
        return;
      }
    }
  }

  private static byte[] refusal(boolean headOnly) {
    String text =
        "HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(SLOW_DOWN.length(), headOnly ? "" : SLOW_DOWN);
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * A server may answer before it read all; then the rest is taken from the client all the same.
   */
  private boolean forward(InputStream from, OutputStream to, Head head) throws IOException {
    Body body = new Body(from, head);
    boolean sent = true;
    for (byte[] piece = body.next(); piece.length > 0; piece = body.next()) {
      passing();
      if (sent) {
        try {
          to.write(piece);
        } catch (IOException refused) {
          sent = false;
        }
      }
    }
    return sent;
  }

  private static void drain(InputStream from, Head head) throws IOException {
    Body body = new Body(from, head);
    while (body.next().length > 0) {
      continue;
    }
  }

  private static Head finalReply(InputStream replies) throws IOException {
    while (true) {
      Head reply =
          Head.read(replies).orElseThrow(() -> new EOFException("the server gave no answer"));
      if (reply.status() >= 200) {
        return reply;
      }
    }
  }

  /** Returns whether the connection can serve another request. */
  private boolean reply(Head request, Head reply, InputStream from, OutputStream to)
      throws IOException {
    to.write(reply.bytes());
    if (request.isHead() || reply.status() == 204 || reply.status() == 304) {
      return true;
    }
    boolean object = request.isGet() && reply.status() < 300 && request.target().contains(OBJECTS);
    boolean truncated = object && reply.length() > 1 && take(truncations);
    boolean flipped = object && reply.length() > 0 && !truncated && take(flips);
    long middle = reply.length() / 2;
    long passed = 0;
    Body body = new Body(from, reply);
    for (byte[] piece = body.next(); piece.length > 0; piece = body.next()) {
      passing();
      if (flipped && middle >= passed && middle < passed + piece.length) {
        piece[(int) (middle - passed)] ^= 1;
      }
      if (truncated && passed + piece.length > middle) {
        to.write(piece, 0, (int) (middle - passed));
        return false;
      }
      to.write(piece);
      passed += piece.length;
    }
    return !body.endsWithConnection();
  }

  /** Request or status line and headers, as they came. */
  private record Head(byte[] bytes, String text) {
    static Optional<Head> read(InputStream in) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      int lineBytes = 0;
      while (true) {
        int next = in.read();
        if (next < 0) {
          return Optional.empty();
        }
        bytes.write(next);
        if (bytes.size() > HEAD_BYTES_MAX) {
          throw new IOException("a head of more than " + HEAD_BYTES_MAX + " bytes");
        }
        if (next == '\n') {
          if (lineBytes == 0) {
            return Optional.of(
                new Head(bytes.toByteArray(), bytes.toString(StandardCharsets.ISO_8859_1)));
          }
          lineBytes = 0;
        } else if (next != '\r') {
          lineBytes++;
        }
      }
    }

    private String word(int index) {
      String[] words = text.substring(0, text.indexOf('\r')).split(" ");
      return index < words.length ? words[index] : "";
    }

    boolean isHead() {
      return word(0).equals("HEAD");
    }

    boolean isGet() {
      return word(0).equals("GET");
    }

    String target() {
      return word(1);
    }

    int status() {
      return Integer.parseInt(word(1));
    }

    Optional<String> header(String name) {
      return text.lines()
          .skip(1)
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
          .map(line -> line.substring(name.length() + 1).strip())
          .findFirst();
    }

    boolean has(String name, String value) {
      return header(name).filter(value::equalsIgnoreCase).isPresent();
    }

    boolean isChunked() {
      return has("transfer-encoding", "chunked");
    }

    /** Bytes of the body; -1 where it is not said. */
    long length() {
      return header("content-length").map(Long::parseLong).orElse(-1L);
    }

    boolean isReply() {
      return text.startsWith("HTTP/");
    }
  }

  /** A body in pieces, framing included, so that they can be passed on as they are. */
  private static final class Body {
    private final InputStream in;
    private final boolean chunked;
    private final boolean untilEnd;
    private long left;
    private boolean over;

    Body(InputStream in, Head head) {
      this.in = in;
      this.chunked = head.isChunked();
      this.untilEnd = !chunked && head.length() < 0 && head.isReply();
      this.left = chunked ? 0 : Math.max(0, head.length());
    }

    boolean endsWithConnection() {
      return untilEnd;
    }

    /** The next piece; empty at the end. */
    byte[] next() throws IOException {
      if (over) {
        return new byte[0];
      }
      if (untilEnd) {
        byte[] piece = new byte[BUFFER_BYTES];
        int count = in.read(piece);
        return count < 0 ? new byte[0] : java.util.Arrays.copyOf(piece, count);
      }
      if (left == 0 && chunked) {
        return chunkHead();
      }
      byte[] piece = in.readNBytes((int) Math.min(left, BUFFER_BYTES));
      if (piece.length == 0 && left > 0) {
        throw new EOFException(left + " bytes are missing");
      }
      left -= piece.length;
      return piece;
    }

    /** The line with a chunk's size; the chunk and its line end follow as plain bytes. */
    private byte[] chunkHead() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      line.writeBytes(line());
      String size = line.toString(StandardCharsets.ISO_8859_1).split("[;\r\n]", 2)[0].strip();
      long bytes = Long.parseLong(size, 16);
      if (bytes > 0) {
        left = bytes + 2;
        return line.toByteArray();
      }
      over = true;
      byte[] trailer = line();
      line.writeBytes(trailer);
      while (trailer.length > 2) {
        trailer = line();
        line.writeBytes(trailer);
      }
      return line.toByteArray();
    }

    private byte[] line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      int next;
      do {
        next = in.read();
        if (next < 0) {
          throw new EOFException("a chunked body broke off");
        }
        line.write(next);
      } while (next != '\n');
      return line.toByteArray();
    }
  }
}
