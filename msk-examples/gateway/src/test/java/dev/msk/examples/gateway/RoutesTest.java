package dev.msk.examples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.resilience.Priority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {

  @Test
  void shippedRoutes_areThoseOfOrders() {
    assertThat(Routes.load(""))
        .extracting(route -> route.method() + " " + route.path() + " -> " + route.service())
        .containsExactly("POST /orders -> orders", "GET /orders/{id} -> orders");
  }

  @Test
  void limits_haveDefaultsByMethod() {
    List<Route> routes = Routes.parse("""
        routes:
          - { name: a, match: { method: POST, path: /a }, service: s, scopes: [] }
          - { name: b, match: { method: GET, path: /a }, service: s, scopes: [x], priority: sheddable, limits: { body: 1MiB, response: 2KiB, time: PT0.5S } }
          - { name: c, match: { method: GET, path: /c }, service: s, scopes: [x, "y:z"], consumes: [text/csv] }
        """);

    assertThat(routes)
        .extracting(Route::limits)
        .containsExactly(
            new Route.Limits(64 * 1024, 1024 * 1024, Duration.ofSeconds(5)),
            new Route.Limits(1024 * 1024, 2048, Duration.ofMillis(500)),
            new Route.Limits(0, 1024 * 1024, Duration.ofSeconds(5)));
    assertThat(routes)
        .extracting(Route::priority)
        .containsExactly(Priority.DEFAULT, Priority.SHEDDABLE, Priority.DEFAULT);
    assertThat(routes.get(2).scopes()).containsExactly("x", "y:z");
    assertThat(routes.get(2).consumes()).containsExactly("text/csv");
  }

  @Test
  void allFaults_areToldTogether_withRouteAndField() {
    assertThatThrownBy(() -> Routes.parse("""
            version: 2
            routes:
              - name: place-order
                match: { method: post, path: orders, host: x }
                service: "or ders"
                priority: HIGH
                limits: { body: 16KB, time: 5s, time: PT1S, response: 65MiB }
                scope: [ a ]
              - match: { method: GET, path: "/a/{x}/{x}" }
                service: s
                scopes: [ "a b", c ]
              - name: show
                match: { method: GET, path: "/b/{id}" }
                service: s
                scopes: []
              - name: show
                match: { method: GET, path: "/b/{other}" }
                service: s
                scopes: [ a, a ]
                consumes: text/csv
              - nothing
            """))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getMessage().split("; (?=[a-z])"))
            .anySatisfy(f -> assertThat(f).startsWith("version: unknown (expected: routes)"))
            .anySatisfy(f -> assertThat(f)
                .startsWith("place-order.match.method: post (expected: one of [DELETE, GET"))
            .anySatisfy(
                f -> assertThat(f).startsWith("place-order.match.path: orders (expected: /"))
            .anySatisfy(f -> assertThat(f)
                .startsWith("place-order.match.host: unknown (expected: method, path)"))
            .anySatisfy(f -> assertThat(f).startsWith("place-order.service: or ders (expected: "))
            .anySatisfy(f -> assertThat(f)
                .startsWith(
                    "place-order.priority: HIGH (expected: critical, default or sheddable)"))
            .anySatisfy(
                f -> assertThat(f).startsWith("place-order.limits.body: 16KB (expected: 0B"))
            .anySatisfy(f -> assertThat(f).startsWith("place-order.limits.time: 5s (expected: PT"))
            .anySatisfy(
                f -> assertThat(f).startsWith("place-order.limits.time: repeated (expected: once)"))
            .anySatisfy(f -> assertThat(f).startsWith("place-order.limits.response: 65MiB"))
            .anySatisfy(f -> assertThat(f).startsWith("place-order.scope: unknown (expected: "))
            .anySatisfy(f -> assertThat(f).startsWith("place-order.scopes: missing"))
            .anySatisfy(f -> assertThat(f).startsWith("routes[1].name: missing"))
            .anySatisfy(f -> assertThat(f).startsWith("routes[1].match.path: /a/{x}/{x}"))
            .anySatisfy(f -> assertThat(f).startsWith("routes[1].scopes: [a b, c]"))
            .anySatisfy(f -> assertThat(f).startsWith("show.name: show (expected: "))
            .anySatisfy(f -> assertThat(f)
                .startsWith("show.match: GET /b/{other} (expected: another than that of show)"))
            .anySatisfy(f -> assertThat(f).startsWith("show.scopes: [a, a]"))
            .anySatisfy(f -> assertThat(f).startsWith("show.consumes: text/csv"))
            .anySatisfy(f -> assertThat(f).startsWith("routes[4]: nothing (expected: fields)"))
            .hasSize(20));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                               | : empty (expected: fields)",
        "'routes:'                        | routes: empty (expected: at least one route)",
        "'routes: []'                     | routes: [] (expected: at least one route)",
        "'{}'                             | routes: missing (expected: at least one route)",
        "'routes: [ {'                    | line ",
        "'a: &x [ 1 ]\nb: *x'             | line 2: an alias",
        "'routes: []\n---\nroutes: []'    | a second document"
      })
  void whatIsNoTable_isRefused(String yaml, String message) {
    assertThatThrownBy(() -> Routes.parse(yaml))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void file_takesThePlaceOfTheShippedOne(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("mine.yaml");
    Files.writeString(file, """
        routes: [ { name: a, match: { method: GET, path: /a }, service: s, scopes: [] } ]
        """);

    assertThat(Routes.load(file.toString())).extracting(Route::name).containsExactly("a");
    assertThatThrownBy(() -> Routes.load(folder.resolve("none").toString()))
        .hasMessage("cannot be read");
  }
}
