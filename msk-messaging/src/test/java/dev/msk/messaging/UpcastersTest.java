package dev.msk.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

final class UpcastersTest {

  private static final String SCHEMA = "https://schemas.example/order-accepted/";

  private final Upcasters upcasters = Upcasters.builder()
      .from("order.accepted", 1, appending("2"))
      .from("order.accepted", 2, appending("3"))
      .build();

  @Test
  void oldEvent_takesEveryStepToTheNewest() {
    EventEnvelope newest = upcasters.upcast(event(SCHEMA + "1"));

    assertThat(text(newest)).isEqualTo("data23");
    assertThat(newest.dataSchema()).contains(SCHEMA + "3");
    assertThat(text(upcasters.upcast(event(SCHEMA + "v2")))).isEqualTo("data3");
    assertThat(upcasters.upcast(event(SCHEMA + "v2")).dataSchema()).contains(SCHEMA + "v3");
  }

  @Test
  void eventWithoutSchema_isOfVersionOne() {
    EventEnvelope newest = upcasters.upcast(event(null));

    assertThat(text(newest)).isEqualTo("data23");
    assertThat(newest.dataSchema()).isEmpty();
  }

  @Test
  void newestEvent_andNewer_andOtherTypes_passAsTheyAre() {
    for (String schema : List.of(SCHEMA + "3", SCHEMA + "40")) {
      EventEnvelope event = event(schema);
      assertThat(upcasters.upcast(event)).isSameAs(event);
    }
    EventEnvelope other = EventEnvelope.builder("1", "/s", "other").build();
    assertThat(upcasters.upcast(other)).isSameAs(other);
  }

  @Test
  void schemaWithoutNumber_isRefused() {
    assertThat(Upcasters.version(event("urn:order"))).isEmpty();
    assertThatThrownBy(() -> upcasters.upcast(event("urn:order")))
        .hasMessageStartingWith("dataschema: urn:order (expected: a URI that ends in a version");
  }

  @Test
  void step_keepsTheIdentity() {
    Upcasters wrong = Upcasters.builder()
        .from(
            "order.accepted",
            1,
            event -> EventEnvelope.builder("2", "/s", "order.accepted").build())
        .build();

    assertThatThrownBy(() -> wrong.upcast(event(null)))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("after the step from version 1");
  }

  @Test
  void build_namesEveryFault() {
    Upcasters.Builder builder = Upcasters.builder()
        .from("a", 1, UnaryOperator.identity())
        .from("a", 4, UnaryOperator.identity())
        .from("b", 2, UnaryOperator.identity())
        .from("b", 2, UnaryOperator.identity());

    assertThatThrownBy(builder::build)
        .hasMessageContaining("a: no step from 2 (expected: one, to reach 4)")
        .hasMessageContaining("a: no step from 3 (expected: one, to reach 4)")
        .hasMessageContaining("b: two steps from 2 (expected: one)");
  }

  @Test
  void before_handsTheHandlerTheNewest() throws Exception {
    List<String> handled = new ArrayList<>();
    EventHandler handler = upcasters.before((tx, event) -> handled.add(text(event)));

    handler.handle(noConnection(), event(SCHEMA + "2"));

    assertThat(handled).containsExactly("data3");
  }

  private static UnaryOperator<EventEnvelope> appending(String suffix) {
    return event ->
        event.toBuilder().data((text(event) + suffix).getBytes(UTF_8)).build();
  }

  private static EventEnvelope event(@org.jspecify.annotations.Nullable String schema) {
    EventEnvelope.Builder event = EventEnvelope.builder("1", "/s", "order.accepted")
        .data("text/plain", "data".getBytes(UTF_8));
    return schema == null ? event.build() : event.dataSchema(schema).build();
  }

  private static String text(EventEnvelope event) {
    byte[] data = event.data();
    return data == null ? "" : new String(data, UTF_8);
  }

  /** A handler gets a connection; this one must not be used. */
  static Connection noConnection() {
    return (Connection) Proxy.newProxyInstance(
        UpcastersTest.class.getClassLoader(),
        new Class<?>[] {Connection.class},
        (proxy, method, args) -> {
          throw new AssertionError(method + " called");
        });
  }
}
