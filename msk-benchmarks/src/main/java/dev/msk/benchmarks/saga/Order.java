package dev.msk.benchmarks.saga;

import dev.msk.saga.SagaCall;
import dev.msk.saga.SagaDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The state of all sagas here, and their definitions: three steps, each of which can be undone. */
record Order(String id, int total) {

  static final int STEPS = 3;

  /** Steps that call nobody: what is measured is what lies between them. */
  static SagaDefinition<Order> remoteSteps() {
    return SagaDefinition.builder("bench-remote", 1, Order.class)
        .step("one")
        .remoteRun(Order::call)
        .compensate(Order::call)
        .step("two")
        .remoteRun(Order::call)
        .compensate(Order::call)
        .step("three")
        .remoteRun(Order::call)
        .compensate(Order::call)
        .build();
  }

  /** Steps that insert a row each. */
  static SagaDefinition<Order> localSteps() {
    return SagaDefinition.builder("bench-local", 1, Order.class)
        .step("one")
        .localRun(Order::enter)
        .compensate(Order::enter)
        .step("two")
        .localRun(Order::enter)
        .compensate(Order::enter)
        .step("three")
        .localRun(Order::enter)
        .compensate(Order::enter)
        .build();
  }

  static void enter(Connection tx, Order order) throws SQLException {
    try (PreparedStatement insert =
        tx.prepareStatement("INSERT INTO entry (saga, amount) VALUES (?, ?)")) {
      insert.setString(1, order.id);
      insert.setInt(2, order.total);
      insert.executeUpdate();
    }
  }

  private static void call(SagaCall call, Order order) {}
}
