package io.dinoflow.ops;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server of ours listens, and what opens it. Whoever has one may bind it: an address beyond
 * this machine without a token cannot be made.
 *
 * @param host an address of this machine; on loopback unless there is a token
 * @param port 0 takes a free one
 * @param token without it only loopback is served, to everybody on this machine
 */
public record Listener(String host, int port, Optional<AccessToken> token) {
  public static final String PAGE_ADDRESS = "DINOFLOW_PAGE_ADDRESS";
  public static final String METRICS_ADDRESS = "DINOFLOW_METRICS_ADDRESS";

  private static final String LOOPBACK = "127.0.0.1";
  private static final Set<String> LOOPBACK_NAMES = Set.of(LOOPBACK, "localhost", "[::1]", "::1");
  private static final int PAGE_PORT = 8080;
  private static final Pattern ADDRESS = Pattern.compile("(.+):(\\d{1,5})");
  private static final int PORT_MAX = 65_535;

  public Listener {
    if (token.isEmpty() && !LOOPBACK_NAMES.contains(host)) {
      throw new ConfigProblemsException(
          List.of(
              "%s can be reached from other machines: set %s (or %s) to a secret of 16 characters or more, or listen on %s"
                  .formatted(host, AccessToken.VARIABLE, AccessToken.FILE_VARIABLE, LOOPBACK)));
    }
  }

  /** On loopback, open to everybody on this machine. */
  public static Listener onLoopback(int port) {
    return new Listener(LOOPBACK, port, Optional.empty());
  }

  /**
   * The page and its API, as the environment says.
   *
   * @throws ConfigProblemsException no address, or one that others reach without a token
   */
  public static Listener page(Map<String, String> environment) {
    return of(environment, PAGE_ADDRESS, PAGE_PORT);
  }

  /** A process's metrics, as the environment says; any free port where it says nothing. */
  public static Listener metrics(Map<String, String> environment) {
    return of(environment, METRICS_ADDRESS, 0);
  }

  private static Listener of(Map<String, String> environment, String variable, int port) {
    Optional<AccessToken> token = AccessToken.of(environment);
    String address = environment.getOrDefault(variable, "");
    if (address.isBlank()) {
      return new Listener(LOOPBACK, port, token);
    }
    Matcher parts = ADDRESS.matcher(address);
    if (!parts.matches() || Integer.parseInt(parts.group(2)) > PORT_MAX) {
      throw new ConfigProblemsException(
          List.of("%s is \"%s\": it must be host:port".formatted(variable, address)));
    }
    return new Listener(parts.group(1), Integer.parseInt(parts.group(2)), token);
  }

  /** The same at another port. */
  public Listener at(int otherPort) {
    return new Listener(host, otherPort, token);
  }

  /**
   * Whether a browser asked by a name that it may use: without a token only by one of loopback, so
   * that no other site can read us by pointing its own name here.
   *
   * @param hostHeader as sent, with or without a port
   */
  public boolean answersTo(String hostHeader) {
    return token.isPresent() || LOOPBACK_NAMES.contains(hostHeader.replaceFirst(":\\d+$", ""));
  }

  /** Where to reach it from this machine. */
  public String url(int boundPort) {
    boolean everywhere = host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]");
    return "http://%s:%d".formatted(everywhere ? LOOPBACK : host, boundPort);
  }
}
