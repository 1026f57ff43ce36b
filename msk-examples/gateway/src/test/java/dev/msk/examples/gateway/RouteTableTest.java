package dev.msk.examples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTableTest {

  private final RouteTable table = new RouteTable(Routes.parse("""
      routes:
        - { name: show,   match: { method: GET,    path: "/orders/{id}" },       service: orders, scopes: [] }
        - { name: mine,   match: { method: GET,    path: /orders/mine },         service: orders, scopes: [] }
        - { name: cancel, match: { method: DELETE, path: "/orders/{id}" },       service: orders, scopes: [] }
        - { name: place,  match: { method: POST,   path: /orders },              service: orders, scopes: [] }
        - { name: lines,  match: { method: GET,    path: "/orders/{id}/lines" }, service: orders, scopes: [] }
      """));

  @ParameterizedTest
  @CsvSource({
    "GET, /orders/4711, show",
    "GET, /orders/mine, mine",
    "GET, /orders/m%69ne, mine",
    "GET, /orders/Mine, show",
    "GET, /orders/%257, show",
    "DELETE, /orders/mine, cancel",
    "POST, /orders, place",
    "POST, /%6frders, place",
    "GET, /orders/4711/lines, lines"
  })
  void request_findsTheMostExactRoute(String method, String path, String name) {
    assertThat(table.find(method, RequestPath.of(path)).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/orders/",
        "//orders",
        "/orders//lines",
        "/orders/1/lines/2",
        "/Orders",
        "/orderss"
      })
  void whatNoRouteHas_is404(String path) {
    assertThatExceptionOfType(Problem.class)
        .isThrownBy(() -> table.find("GET", RequestPath.of(path)))
        .satisfies(problem -> assertThat(problem.status()).isEqualTo(404));
  }

  @Test
  void anotherMethod_is405AndNamesThoseThatAreAllowed() {
    assertThatExceptionOfType(Problem.class)
        .isThrownBy(() -> table.find("PUT", RequestPath.of("/orders/1")))
        .satisfies(problem -> {
          assertThat(problem.status()).isEqualTo(405);
          assertThat(problem.headers()).containsEntry("allow", "DELETE, GET");
        });
  }
}
