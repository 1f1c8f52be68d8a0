package io.dinoflow.ops.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Sends bytes that no well-behaved client would, one connection a request. */
final class RawHttp {
  private static final int PATIENCE_MILLIS = 120_000;
  private static final int CHUNK_BYTES = 1 << 16;

  private static final int ATTEMPTS = 20;

  private final URI server;

  RawHttp(String url) {
    this.server = URI.create(url);
  }

  /**
   * @param headers by their names in small letters
   */
  record Answer(int status, Map<String, List<String>> headers, String body) {
    String header(String name) {
      return String.join(", ", headers.getOrDefault(name, List.of()));
    }

    String type() {
      return header("content-type").replaceFirst(";.*", "");
    }
  }

  /** A request without a body. */
  Answer send(String method, String target, String... headers) throws IOException {
    return send(method, target, 0, headers);
  }

  /** A request with a body of so many bytes, each of them {@code a}. */
  Answer send(String method, String target, int bodyBytes, String... headers) throws IOException {
    StringBuilder request =
        new StringBuilder("%s %s HTTP/1.1\r\nConnection: close\r\n".formatted(method, target));
    if (List.of(headers).stream().noneMatch(header -> header.startsWith("Host:"))) {
      request.append("Host: 127.0.0.1\r\n");
    }
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    if (bodyBytes > 0) {
      request.append("Content-Length: ").append(bodyBytes).append("\r\n");
    }
    return exchange(request.append("\r\n").toString(), bodyBytes);
  }

  /** A small form. */
  Answer post(String target, String headers, String body) throws IOException {
    return exchange(
        "POST %s HTTP/1.1\r\nConnection: close\r\n%s%s\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(
                target,
                headers.contains("Host:") ? "" : "Host: 127.0.0.1\r\n",
                headers,
                body.length(),
                body),
        0);
  }

  /** How much of a body that names no length is taken before the answer comes. */
  long sendUntilRefused(String target, String header, int bytesMax) throws IOException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n%s\r\n\r\n"
              .formatted(target, header)
              .getBytes(StandardCharsets.US_ASCII));
      byte[] chunk =
          (Integer.toHexString(CHUNK_BYTES) + "\r\n" + "a".repeat(CHUNK_BYTES) + "\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      long sent = 0;
      while (sent < bytesMax && socket.getInputStream().available() == 0) {
        out.write(chunk);
        sent += CHUNK_BYTES;
      }
      return sent;
    } catch (SocketException closed) {
      return 0;
    }
  }

  /** A server that closes before all was sent may reset its answer away: then once more. */
  private Answer exchange(String head, int bodyBytes) throws IOException {
    SocketException last = new SocketException("not tried");
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return exchangedOnce(head, bodyBytes);
      } catch (SocketException reset) {
        last = reset;
      }
    }
    throw last;
  }

  private Answer exchangedOnce(String head, int bodyBytes) throws IOException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      OutputStream out = socket.getOutputStream();
      Thread sending = new Thread(() -> write(out, head, bodyBytes), "sending");
      sending.setDaemon(true);
      sending.start();
      return parse(all(socket.getInputStream()));
    }
  }

  /** A server that has heard enough closes: then nobody wants the rest, and the answer counts. */
  private static void write(OutputStream out, String head, int bytes) {
    byte[] chunk = "a".repeat(CHUNK_BYTES).getBytes(StandardCharsets.US_ASCII);
    try {
      // each character is one byte: also those that are no UTF-8
      out.write(head.getBytes(StandardCharsets.ISO_8859_1));
      for (int sent = 0; sent < bytes; sent += CHUNK_BYTES) {
        out.write(chunk, 0, Math.min(CHUNK_BYTES, bytes - sent));
      }
      out.flush();
    } catch (IOException closed) {
      return;
    }
  }

  /** What came until the end, or until the connection was reset behind an answer. */
  private static byte[] all(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] chunk = new byte[CHUNK_BYTES];
    try {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        all.write(chunk, 0, n);
      }
    } catch (SocketException reset) {
      if (all.size() == 0) {
        throw reset;
      }
    }
    return all.toByteArray();
  }

  private static Answer parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      throw new AssertionError("no HTTP answer: \"" + text + "\"");
    }
    List<String> lines = new ArrayList<>(List.of(text.substring(0, end).split("\r\n")));
    String status = lines.remove(0);
    Map<String, List<String>> headers = new TreeMap<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return new Answer(Integer.parseInt(status.split(" ", 3)[1]), headers, text.substring(end + 4));
  }
}
