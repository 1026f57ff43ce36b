package dev.msk.observability.slo;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * A service level indicator: which share of events is bad, as PromQL over a window that is put in for <code>{{.window}}</code>.
 *
 * <pre>{@code
 * Sli.events(
 *     "sum(rate(payments_total{result='failed'}[{{.window}}]))",
 *     "sum(rate(payments_total[{{.window}}]))");
 * }</pre>
 *
 * Immutable.
 */
public final class Sli {

  private static final String WINDOW = "{{.window}}";
  private static final String HTTP = "http_server_request_duration_seconds";
  private static final String RPC = "rpc_server_call_duration_seconds";
  private static final String FAILED_RPC =
      "rpc_response_status_code=~\"UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS\"";
  private static final String FAILED_HTTP = "http_response_status_code=~\"5..\"";
  private static final String ANSWERED_HTTP = "http_response_status_code!~\"5..\"";
  private static final String ANSWERED_RPC = FAILED_RPC.replace("=~", "!~");
  private static final List<Double> BOUNDS =
      List.of(.005, .01, .025, .05, .075, .1, .25, .5, .75, 1.0, 2.5, 5.0, 7.5, 10.0);

  private final String errorRatio;
  private final String total;

  private Sli(String errorRatio, String total) {
    this.errorRatio = errorRatio;
    this.total = total;
  }

  /**
   * Bad events of all events.
   *
   * @param errorQuery how many a second are bad, with <code>[{{.window}}]</code>
   * @param totalQuery how many a second there are, with <code>[{{.window}}]</code>
   * @return the indicator
   * @throws IllegalArgumentException if a query has no window
   */
  public static Sli events(String errorQuery, String totalQuery) {
    requireWindow("errorQuery", errorQuery);
    requireWindow("totalQuery", totalQuery);
    return new Sli("(" + errorQuery + ")\n/\n(" + totalQuery + ")", totalQuery);
  }

  /**
   * A ratio that is known as such; no number of events is.
   *
   * @param errorRatioQuery 0 to 1, with <code>[{{.window}}]</code>
   * @return the indicator
   * @throws IllegalArgumentException if the query has no window
   */
  public static Sli raw(String errorRatioQuery) {
    requireWindow("errorRatioQuery", errorRatioQuery);
    return new Sli("(" + errorRatioQuery + ")", "");
  }

  /**
   * HTTP requests served that were answered with 5xx, of all, as {@code http.server.request.duration} counts them.
   *
   * @param selector which, in the form {@code job="orders",http_route="/orders"}; empty for all
   * @return the indicator
   */
  public static Sli http(String selector) {
    return share(count(HTTP, FAILED_HTTP, selector), count(HTTP, "", selector));
  }

  /**
   * HTTP requests served that were answered with 5xx or took too long, of all: one budget for both, so that an outage that answers at
   * once does not look fast.
   *
   * @param selector which, in the form {@code job="orders"}; empty for all
   * @param bound a bucket of the histogram: 5, 10, 25, 50, 75, 100, 250, 500 or 750 ms, 1, 2.5, 5, 7.5 or 10 s
   * @return the indicator
   * @throws IllegalArgumentException if the histogram has no such bucket
   */
  public static Sli httpLatency(String selector, Duration bound) {
    return slow(HTTP, ANSWERED_HTTP, selector, bound);
  }

  /**
   * RPCs served that failed by the server's fault, of all: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS.
   *
   * @param selector which, in the form {@code job="inventory",rpc_method="shop.Inventory/Reserve"}; empty for all
   * @return the indicator
   */
  public static Sli rpc(String selector) {
    return share(count(RPC, FAILED_RPC, selector), count(RPC, "", selector));
  }

  /**
   * RPCs served that failed by the server's fault or took too long, of all.
   *
   * @param selector which; empty for all
   * @param bound a bucket of the histogram, as {@link #httpLatency} has them
   * @return the indicator
   * @throws IllegalArgumentException if the histogram has no such bucket
   */
  public static Sli rpcLatency(String selector, Duration bound) {
    return slow(RPC, ANSWERED_RPC, selector, bound);
  }

  /**
   * Messages that a consumer failed at or parked, of all that it had in hand, as {@code msk.consumer.messages} counts them.
   *
   * @param selector which, in the form {@code consumer="payments"}; empty for all
   * @return the indicator
   */
  public static Sli messages(String selector) {
    String metric = "msk_consumer_messages_total";
    return share(
        rate(metric, "disposition=~\"failed|parked\"", selector), rate(metric, "", selector));
  }

  /** A status that nothing has had yet has no series: until the first failure the share would be unknown instead of none. */
  private static Sli share(String bad, String all) {
    return events(bad + " or 0 * " + all, all);
  }

  private static Sli slow(String metric, String answered, String selector, Duration bound) {
    double seconds = bound.toNanos() / 1e9;
    if (!BOUNDS.contains(seconds)) {
      throw new IllegalArgumentException("bound: " + bound
          + " (expected: a bucket of the histogram, in seconds one of " + BOUNDS + ")");
    }
    String all = count(metric, "", selector);
    String good = rate(metric + "_bucket", answered + ",le=\"" + seconds + "\"", selector);
    return events(all + " - (" + good + " or vector(0))", all);
  }

  private static String count(String metric, String condition, String selector) {
    return rate(metric + "_count", condition, selector);
  }

  private static String rate(String metric, String condition, String selector) {
    String both = condition.isEmpty() || selector.isEmpty()
        ? condition + selector
        : condition + "," + selector;
    return "sum(rate(" + metric + (both.isEmpty() ? "" : "{" + both + "}") + "[" + WINDOW + "]))";
  }

  private static void requireWindow(String name, String query) {
    if (!requireNonNull(query, name).contains(WINDOW)) {
      throw new IllegalArgumentException(
          name + ": " + query + " (expected: PromQL with [" + WINDOW + "])");
    }
  }

  /** The share of bad events within a window as Prometheus writes it. */
  String errorRatio(String window) {
    return errorRatio.replace(WINDOW, window);
  }

  /** Events a second within a window; empty if nobody knows. */
  String total(String window) {
    return total.replace(WINDOW, window);
  }
}
