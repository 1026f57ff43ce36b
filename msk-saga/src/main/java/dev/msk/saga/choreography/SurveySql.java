package dev.msk.saga.choreography;

import dev.msk.core.jdbc.TableNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Counts for gauges, in PostgreSQL. Thread-safe. */
final class SurveySql {

  private final String instances;
  private final String late;

  SurveySql(TableNames names) {
    this.instances = "SELECT participant, status, count(*), sum(kept) FROM "
        + names.table("choreography_instance")
        + " WHERE participant = ANY (?) GROUP BY participant, status";
    this.late = "SELECT participant, extract(epoch FROM statement_timestamp() - min(due_at)) FROM "
        + names.table("choreography_timer")
        + " WHERE participant = ANY (?) AND NOT held AND due_at < statement_timestamp()"
        + " GROUP BY participant";
  }

  Survey take(Connection tx, Collection<String> participants) throws SQLException {
    Object[] names = participants.toArray();
    Map<Survey.Group, Long> count = new HashMap<>();
    Map<Survey.Group, Long> kept = new HashMap<>();
    try (PreparedStatement statement = tx.prepareStatement(instances)) {
      statement.setArray(1, tx.createArrayOf("text", names));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          Survey.Group group =
              new Survey.Group(rows.getString(1), InstanceStatus.valueOf(rows.getString(2)));
          count.put(group, rows.getLong(3));
          kept.put(group, rows.getLong(4));
        }
      }
    }
    Map<String, Double> lateness = new HashMap<>();
    try (PreparedStatement statement = tx.prepareStatement(late)) {
      statement.setArray(1, tx.createArrayOf("text", names));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          lateness.put(rows.getString(1), rows.getDouble(2));
        }
      }
    }
    return new Survey(count, kept, lateness);
  }
}
