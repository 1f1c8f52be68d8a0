package io.dinoflow.ops.web;

import java.util.Locale;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Answers what is no request that a route could be found for: a broken encoding, a header too long,
 * a path with two meanings. In plain words and with the headers of every other answer; what was
 * sent is not repeated, because it has no meaning that is known.
 */
final class UnreadableRequests implements Request.Handler {
  private static final Pattern METHOD = Pattern.compile("[A-Z]{1,20}");

  /** Methods are told apart by their case (RFC 9110), and all that exist are capital letters. */
  static Request refuseOddMethods(Request request, HttpFields.Mutable responseHeaders) {
    if (!METHOD.matcher(request.getMethod()).matches()) {
      throw new HttpException.RuntimeException(HttpStatus.METHOD_NOT_ALLOWED_405);
    }
    return request;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Protection.HEADERS.forEach((name, value) -> response.getHeaders().put(name, value));
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    Content.Sink.write(
        response,
        true,
        "the request cannot be answered: %d, %s\n/runs lists the runs, /api/v1/openapi.json says what else can be asked\n"
            .formatted(
                response.getStatus(),
                HttpStatus.getMessage(response.getStatus()).toLowerCase(Locale.ROOT)),
        callback);
    return true;
  }
}
