package dev.msk.examples.demo.chapters;

import dev.msk.examples.demo.Await;
import dev.msk.examples.demo.Shop.Traced;
import dev.msk.examples.demo.Shop.Wanted;
import dev.msk.examples.demo.Span;
import dev.msk.examples.demo.SpanTree;
import dev.msk.examples.demo.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What one order did in five processes, as the spans that they exported. */
public final class OneTrace implements Chapter {

  private static final Set<String> PROCESSES =
      Set.of("client", "gateway", "orders", "inventory", "payments");

  /** Spans that nobody waits for: they may be exported after all others. */
  private static final Set<String> LEAVES =
      Set.of("send shop.orders", "process shop.orders", "send shop.charges", "send shop.payments");

  /** A chapter. */
  public OneTrace() {}

  @Override
  public String title() {
    return "The trace of one order, across five processes";
  }

  @Override
  public void play(Stage stage) throws Exception {
    Traced order = stage.shop().placeTraced(new Wanted("ada", "coffee-1kg", 1, 900));
    Orders.awaitStatus(stage, "ada", order.id(), "PAID");
    stage.awaitSettled();
    List<Span> spans = await(stage, order.trace());
    stage.story().tell("trace " + order.trace() + ", " + spans.size() + " spans:");
    SpanTree.of(spans).lines().forEach(line -> stage.story().print("          " + line));
    stage.claimAll();
  }

  /**
   * Waits until the exporters have sent the whole trace.
   *
   * @param stage where it happened
   * @param trace its id
   * @return a tree with one root, from all processes, the last step among them
   * @throws Exception when it does not come
   */
  public static List<Span> await(Stage stage, String trace) throws Exception {
    Await.until("the whole trace is there", Duration.ofSeconds(20), () -> {
      List<Span> spans = stage.servers().collector().spans(trace);
      return SpanTree.of(spans).roots().size() == 1
          && spans.stream().map(Span::service).collect(Collectors.toSet()).equals(PROCESSES)
          && spans.stream()
                  .filter(span -> span.name().contains("Inventory/Commit"))
                  .count()
              >= 2
          && spans.stream().anyMatch(span -> "commit".equals(span.attributes().get("step")))
          && spans.stream().map(Span::name).collect(Collectors.toSet()).containsAll(LEAVES);
    });
    return stage.servers().collector().spans(trace);
  }
}
