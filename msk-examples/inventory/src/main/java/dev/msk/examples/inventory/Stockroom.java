package dev.msk.examples.inventory;

import dev.msk.core.jdbc.Transactor;
import dev.msk.examples.contracts.inventory.Reason;
import dev.msk.examples.contracts.inventory.Refusals;
import dev.msk.examples.inventory.ReservationState.Call;
import io.grpc.StatusRuntimeException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What inventory does, each call in one transaction: the reservation moves to its next state, and the
 * pieces with it.
 *
 * <p>Every call takes the order's line first and the stock's line second, and none takes two of a kind:
 * calls wait for one another, never in a circle.
 *
 * <p><b>Crashes.</b> Before the commit nothing happened; after it the answer may be lost. Either way the
 * caller repeats the call, which finds the order's line or does not.
 */
final class Stockroom {

  private static final Logger log = LoggerFactory.getLogger(Stockroom.class);
  private static final long MOST_MILLIS = 60_000;

  private final Transactor transactor;
  private final StockTable stock = new StockTable();
  private final ReservationTable reservations = new ReservationTable();

  Stockroom(Transactor transactor) {
    this.transactor = transactor;
  }

  /** Adds things that are not in stock yet. */
  void addMissing(Map<String, Long> pieces) {
    transactor.run(tx -> stock.addMissing(tx, pieces));
  }

  /**
   * Keeps pieces for an order.
   *
   * @param key of the step that asks
   * @param time the most that any statement may take
   * @return the reservation's name
   * @throws StatusRuntimeException a refusal
   * @throws dev.msk.core.jdbc.DatabaseException when the database failed
   */
  UUID reserve(String key, String orderId, String sku, int quantity, Duration time) {
    UUID name = transactor.call(tx -> {
      bound(tx, time);
      Optional<Reservation> first =
          reservations.insert(tx, orderId, sku, quantity, ReservationState.RESERVED, key);
      if (first.isEmpty()) {
        return repeatedReserve(locked(tx, orderId), sku, quantity);
      }
      if (!stock.reserve(tx, sku, quantity)) {
        throw missing(sku, quantity, stock.find(tx, sku));
      }
      return first.get().id();
    });
    log.info("Order {} has {} of {} reserved", orderId, quantity, sku);
    return name;
  }

  /**
   * Gives the pieces of an order back, or sees to it that it never gets any.
   *
   * @param key of the step that asks
   * @param time the most that any statement may take
   * @throws StatusRuntimeException a refusal
   * @throws dev.msk.core.jdbc.DatabaseException when the database failed
   */
  void release(String key, String orderId, Duration time) {
    transactor.run(tx -> {
      bound(tx, time);
      boolean first = reservations
          .insert(tx, orderId, "", 0, ReservationState.RELEASED, key)
          .isPresent();
      if (!first) {
        Reservation reservation = locked(tx, orderId);
        if (moves(tx, reservation, Call.RELEASE, key)) {
          stock.release(tx, reservation.sku(), reservation.quantity());
        }
      }
    });
    log.info("Order {} has nothing reserved", orderId);
  }

  /**
   * Sells the pieces of an order.
   *
   * @param key of the step that asks
   * @param time the most that any statement may take
   * @throws StatusRuntimeException a refusal
   * @throws dev.msk.core.jdbc.DatabaseException when the database failed
   */
  void commit(String key, String orderId, Duration time) {
    transactor.run(tx -> {
      bound(tx, time);
      Reservation reservation = reservations
          .lock(tx, orderId)
          .orElseThrow(() -> refused(orderId, ReservationState.NONE, Call.COMMIT));
      if (moves(tx, reservation, Call.COMMIT, key)) {
        stock.sell(tx, reservation.sku(), reservation.quantity());
      }
    });
    log.info("Order {} has its pieces sold", orderId);
  }

  /**
   * How much there is.
   *
   * @param time the most that it may take
   * @throws StatusRuntimeException a refusal
   * @throws dev.msk.core.jdbc.DatabaseException when the database failed
   */
  Stock find(String sku, Duration time) {
    return transactor.call(tx -> {
      bound(tx, time);
      return stock.find(tx, sku).orElseThrow(() -> unknown(sku));
    });
  }

  private static UUID repeatedReserve(Reservation reservation, String sku, int quantity) {
    next(reservation, Call.RESERVE);
    if (!reservation.isFor(sku, quantity)) {
      throw Refusals.of(
          Reason.RESERVED_OTHERWISE,
          "order " + reservation.orderId() + " has a reservation of " + reservation.quantity() + " "
              + reservation.sku(),
          Map.of("sku", reservation.sku(), "quantity", String.valueOf(reservation.quantity())));
    }
    return reservation.id();
  }

  /** Whether the call has an effect; it has none when it came before. */
  private boolean moves(Connection tx, Reservation reservation, Call call, String key)
      throws SQLException {
    ReservationState next = next(reservation, call);
    if (next == reservation.state()) {
      return false;
    }
    reservations.change(tx, reservation.orderId(), next, key);
    return true;
  }

  private static ReservationState next(Reservation reservation, Call call) {
    return reservation
        .state()
        .after(call)
        .orElseThrow(() -> refused(reservation.orderId(), reservation.state(), call));
  }

  /** Lines of orders are never deleted: one that kept us from inserting is there. */
  private Reservation locked(Connection tx, String orderId) throws SQLException {
    return reservations.lock(tx, orderId).orElseThrow();
  }

  private static StatusRuntimeException refused(String orderId, ReservationState state, Call call) {
    Reason reason = state.refusal(call);
    return Refusals.of(
        reason,
        "order " + orderId + ": " + reason.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        Map.of());
  }

  private static StatusRuntimeException missing(String sku, int quantity, Optional<Stock> found) {
    return found
        .map(stock -> Refusals.of(
            Reason.OUT_OF_STOCK,
            sku + ": " + stock.available() + " available (asked for: " + quantity + ")",
            Map.of("sku", sku, "available", String.valueOf(stock.available()))))
        .orElseGet(() -> unknown(sku));
  }

  private static StatusRuntimeException unknown(String sku) {
    return Refusals.of(
        Reason.UNKNOWN_SKU,
        "sku: " + sku + " (expected: one that is in stock)",
        Map.of("sku", sku));
  }

  /**
   * The database itself gives up a statement, also one that waits for a lock; and we give up a database
   * that has vanished without a word. The pool takes the latter back.
   */
  private static void bound(Connection tx, Duration time) throws SQLException {
    int millis = (int) Math.max(1, Math.min(time.toMillis(), MOST_MILLIS));
    tx.setNetworkTimeout(Runnable::run, millis + 1_000);
    String sql = "SELECT set_config('statement_timeout', ?, true)";
    try (PreparedStatement set = tx.prepareStatement(sql)) {
      set.setString(1, String.valueOf(millis));
      set.execute();
    }
  }
}
