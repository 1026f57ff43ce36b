package dev.msk.examples.demo;

import dev.msk.examples.demo.Shop.Traced;
import dev.msk.examples.demo.Shop.Wanted;
import dev.msk.examples.demo.chapters.OneTrace;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An order that went through all steps without a failed attempt, which would be a span, too.
 *
 * @param id of the order
 * @param trace its trace id, in hex
 * @param spans as the collector has them
 */
record OneOrder(String id, String trace, List<Span> spans) {

  /** The spans of such an order by service, name and kind, each below its parent. */
  static final List<String> TREE = List.of(
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

  /** Places one piece of tea for 500 cents, again if an attempt at a step failed, and waits for the whole trace. */
  static OneOrder placed(Stage stage) throws Exception {
    AtomicReference<OneOrder> placed = new AtomicReference<>();
    Await.until("an order without a failed attempt", Duration.ofMinutes(3), () -> {
      Traced order = stage.shop().placeTraced(new Wanted("tracy", "tea-500g", 1, 500));
      stage.awaitSettled();
      if (!isPaid(stage, order.id())) {
        return false;
      }
      List<Span> spans = OneTrace.await(stage, order.trace());
      placed.set(new OneOrder(order.id(), order.trace(), spans));
      return spans.stream().noneMatch(span -> span.attributes().containsKey("error.type"));
    });
    return placed.get();
  }

  /** By the database: on a busy machine an answer through the gateway may come too late. */
  private static boolean isPaid(Stage stage, String id) throws SQLException {
    return stage
            .servers()
            .database("orders")
            .number("SELECT count(*) FROM orders WHERE status = 'PAID' AND id = '" + id + "'")
        == 1;
  }

  /** Spans in the form of {@link #TREE}. Siblings are sorted by name: which of them came first is up to the threads. */
  static List<String> tree(List<Span> spans) {
    List<String> lines = new ArrayList<>();
    SpanTree tree = SpanTree.of(spans);
    tree.roots().forEach(root -> add(lines, tree, root, ""));
    return lines;
  }

  private static void add(List<String> lines, SpanTree tree, Span span, String indent) {
    lines.add(indent + span.service() + ": " + span.name() + " " + span.kind());
    tree.children(span).stream()
        .sorted(Comparator.comparing(Span::service).thenComparing(Span::name))
        .forEach(child -> add(lines, tree, child, indent + "  "));
  }
}
