package io.dinoflow.ops.web;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.util.Set;

/**
 * One entry of the table of what is served, see {@link Routes}.
 *
 * @param path with its parts that vary in braces
 * @param parameters of the query that it reads; it looks at no other
 */
record Route(HandlerType method, String path, Set<String> parameters, Handler handler) {
  Route {
    parameters = Set.copyOf(parameters);
  }

  static Route get(String path, Handler handler) {
    return new Route(HandlerType.GET, path, Set.of(), handler);
  }

  static Route get(String path, Set<String> parameters, Handler handler) {
    return new Route(HandlerType.GET, path, parameters, handler);
  }

  static Route post(String path, Handler handler) {
    return new Route(HandlerType.POST, path, Set.of(), handler);
  }
}
