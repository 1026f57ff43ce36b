package dev.msk.examples.gateway;

import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** Finds the route of a request. Where several match, a text wins over a parameter, from the left. */
final class RouteTable {

  private final List<Route> routes;

  RouteTable(List<Route> routes) {
    this.routes = routes.stream()
        .sorted(Comparator.comparing((Route route) -> route.path().rank()))
        .toList();
  }

  /**
   * Finds it.
   *
   * @throws Problem 404 if no route has the path, 405 if those that have it take other methods
   */
  Route find(String method, RequestPath path) {
    TreeSet<String> allowed = new TreeSet<>();
    for (Route route : routes) {
      if (route.path().matches(path)) {
        if (route.method().equals(method)) {
          return route;
        }
        allowed.add(route.method());
      }
    }
    if (allowed.isEmpty()) {
      throw new Problem(404, "path: unknown");
    }
    String allow = String.join(", ", allowed);
    throw new Problem(405, "method: not for this path (expected: " + allow + ")")
        .with("allow", allow);
  }

  List<Route> routes() {
    return routes;
  }
}
