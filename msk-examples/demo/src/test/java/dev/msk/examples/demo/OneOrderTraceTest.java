package dev.msk.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** One order, as the exporters of five processes tell it, by OpenTelemetry's semantic conventions. */
@ExtendWith(RunningStage.class)
@TestInstance(Lifecycle.PER_CLASS)
class OneOrderTraceTest {

  private List<Span> spans;

  @BeforeAll
  void order(Stage stage) throws Exception {
    spans = OneOrder.placed(stage).spans();
  }

  @Test
  void spans_formOneTree_byNameAndKind() {
    assertThat(OneOrder.tree(spans)).isEqualTo(OneOrder.TREE);
  }

  @Test
  void attributes_areThoseOfTheConventions() {
    assertThat(one("gateway", "POST /orders").attributes())
        .containsEntry("http.request.method", "POST")
        .containsEntry("http.route", "/orders")
        .containsEntry("http.response.status_code", "201");
    assertThat(one("gateway", "POST").attributes()).containsEntry("server.address", "orders");
    assertThat(one("inventory", "shop.inventory.v1.Inventory/Reserve").attributes())
        .containsEntry("rpc.system.name", "grpc")
        .containsEntry("rpc.response.status_code", "OK");
    assertThat(one("payments", "process shop.charges").attributes())
        .containsEntry("messaging.system", "kafka")
        .containsEntry("messaging.operation.name", "process")
        .containsEntry("messaging.destination.name", "shop.charges")
        .containsEntry("messaging.consumer.group.name", "payments");
    assertThat(one("orders", "send shop.charges").attributes())
        .containsEntry("messaging.operation.name", "send")
        .containsEntry("messaging.destination.name", "shop.charges");
  }

  private Span one(String service, String name) {
    List<Span> found = spans.stream()
        .filter(span -> span.service().equals(service) && span.name().equals(name))
        .toList();
    assertThat(found).as(service + ": " + name).hasSize(1);
    return found.get(0);
  }
}
