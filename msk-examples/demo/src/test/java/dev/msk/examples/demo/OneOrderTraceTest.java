package dev.msk.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.examples.demo.Shop.Traced;
import dev.msk.examples.demo.Shop.Wanted;
import dev.msk.examples.demo.chapters.OneTrace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
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

  /** An attempt that failed is a span, too; the order that is looked at here met none. */
  @BeforeAll
  void orderWithoutFailedAttempts(Stage stage) throws Exception {
    Await.until("an order without a failed attempt", Duration.ofMinutes(3), () -> {
      Traced order = stage.shop().placeTraced(new Wanted("tracy", "tea-500g", 1, 500));
      stage.awaitSettled();
      if (!stage.shop().status("tracy", order.id()).equals("PAID")) {
        return false;
      }
      spans = OneTrace.await(stage, order.trace());
      return spans.stream().noneMatch(span -> span.attributes().containsKey("error.type"));
    });
  }

  @Test
  void spans_formOneTree_byNameAndKind() {
    List<String> tree = new ArrayList<>();
    SpanTree spanTree = SpanTree.of(spans);
    spanTree.roots().forEach(root -> add(tree, spanTree, root, ""));

    assertThat(tree)
        .containsExactly(
            "client: POST CLIENT",
            "  gateway: POST /orders SERVER",
            "    gateway: POST CLIENT",
            "      orders: POST /orders SERVER",
            "        orders: place-order commit INTERNAL",
            "          orders: shop.inventory.v1.Inventory/Commit CLIENT",
            "            inventory: shop.inventory.v1.Inventory/Commit SERVER",
            "        orders: place-order confirm INTERNAL",
            "        orders: place-order open INTERNAL",
            "        orders: place-order pay INTERNAL",
            "          orders: send shop.charges CLIENT",
            "          payments: process shop.charges CONSUMER",
            "            orders: process shop.payments CONSUMER",
            "            payments: send shop.payments CLIENT",
            "        orders: place-order pay INTERNAL",
            "        orders: place-order reserve INTERNAL",
            "          orders: shop.inventory.v1.Inventory/Reserve CLIENT",
            "            inventory: shop.inventory.v1.Inventory/Reserve SERVER",
            "        orders: send shop.orders CLIENT",
            "        payments: process shop.orders CONSUMER");
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

  /** Siblings by name: which of them came first is up to the threads. */
  private static void add(List<String> lines, SpanTree tree, Span span, String indent) {
    lines.add(indent + span.service() + ": " + span.name() + " " + span.kind());
    tree.children(span).stream()
        .sorted(Comparator.comparing(Span::service).thenComparing(Span::name))
        .forEach(child -> add(lines, tree, child, indent + "  "));
  }
}
