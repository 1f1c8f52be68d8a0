package io.dinoflow.ops.web;

import java.util.Map;

/** The headers of every answer, whoever makes it: nothing foreign loads, nothing is kept. */
final class Protection {
  static final String POLICY_HEADER = "Content-Security-Policy";

  static final Map<String, String> HEADERS =
      Map.of(
          POLICY_HEADER,
          "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src"
              + " data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "Cache-Control",
          "no-store");

  private Protection() {}
}
