package io.dinoflow.ops.web;

import io.dinoflow.ops.Listener;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Who gets in where a token is set: a program by its {@code Authorization: Bearer}, a browser by
 * the cookie that the log-in page gives for the token. The cookie is not the token, is out of reach
 * of scripts, is sent to no other site's requests, and ends with the browser or with the token.
 */
final class Doorkeeper {
  static final String LOGIN = "/login";

  /** As strict as every page's, and the form may be sent here. */
  static final String LOGIN_POLICY =
      "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self';"
          + " frame-ancestors 'none'";

  private static final String COOKIE = "dinoflow_session";

  /** What tells nothing: whether the process lives, and how the log-in page looks. */
  private static final Set<String> OPEN = Set.of("/healthz", "/style.css", LOGIN);

  /** A token is short; nothing longer is read. */
  private static final int TYPED_MAX = 4_096;

  private static final String FIELD = "token=";

  private final Listener where;

  Doorkeeper(Listener where) {
    this.where = where;
  }

  List<Route> routes(Pages pages) {
    return List.of(
        Route.get(LOGIN, context -> context.html(pages.login(""))),
        Route.post(LOGIN, context -> logIn(context, pages)));
  }

  static boolean isLogin(Context context) {
    return context.path().equals(LOGIN)
        && Set.of(HandlerType.GET, HandlerType.HEAD, HandlerType.POST).contains(context.method());
  }

  /** Whether this request may be answered. */
  boolean lets(Context context) {
    if (where.token().isEmpty() || OPEN.contains(context.path())) {
      return true;
    }
    String authorization = Objects.requireNonNullElse(context.header("Authorization"), "");
    String cookie = Objects.requireNonNullElse(context.cookie(COOKIE), "");
    return where.token().get().opens(authorization) || where.token().get().isSession(cookie);
  }

  private void logIn(Context context, Pages pages) throws IOException {
    String typed = typed(context.bodyInputStream());
    if (where.token().isEmpty() || !where.token().get().matches(typed)) {
      context.status(401).html(pages.login("that is not the token"));
      return;
    }
    // no scheme is known here: whoever puts TLS in front may add Secure there
    context.header(
        "Set-Cookie",
        "%s=%s; Path=/; HttpOnly; SameSite=Strict"
            .formatted(COOKIE, where.token().get().session()));
    context.redirect("/runs", io.javalin.http.HttpStatus.SEE_OTHER);
  }

  /**
   * What the form's field holds; no more is read than a token may need, however long it goes on.
   */
  private static String typed(InputStream body) throws IOException {
    byte[] form = body.readNBytes(TYPED_MAX + 1);
    String text = form.length > TYPED_MAX ? "" : new String(form, StandardCharsets.UTF_8);
    for (String field : text.split("&", -1)) {
      if (field.startsWith(FIELD) && Encoding.isReadable(field)) {
        return URLDecoder.decode(field.substring(FIELD.length()), StandardCharsets.UTF_8);
      }
    }
    return "";
  }
}
