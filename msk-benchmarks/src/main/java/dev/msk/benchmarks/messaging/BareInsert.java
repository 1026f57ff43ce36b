package dev.msk.benchmarks.messaging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.messaging.EventEnvelope;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** Floor: events into a table like the outbox, by nothing but JDBC. */
final class BareInsert {

  private static final String SQL =
      "INSERT INTO bare (part, id, aggregatetype, aggregateid, type, source, subject, time, datacontenttype,"
          + " extensions, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?)";

  private final ObjectMapper json = new ObjectMapper();

  private BareInsert() {}

  static BareInsert create(Database database) throws SQLException {
    database.execute("CREATE TABLE bare (LIKE msk_outbox INCLUDING ALL)");
    return new BareInsert();
  }

  void insert(Connection tx, List<EventEnvelope> events) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement(SQL)) {
      for (EventEnvelope event : events) {
        insert.setShort(1, (short) (event.orderingKey().hashCode() & 15));
        insert.setString(2, event.id());
        insert.setString(3, Orders.TOPIC);
        insert.setString(4, event.orderingKey());
        insert.setString(5, event.type());
        insert.setString(6, event.source());
        insert.setString(7, event.subject().orElse(null));
        insert.setString(8, event.timeText().orElse(null));
        insert.setString(9, event.dataContentType().orElse(null));
        insert.setString(10, json.writeValueAsString(event.extensions()));
        insert.setBytes(11, event.data());
        insert.addBatch();
      }
      insert.executeBatch();
    } catch (JsonProcessingException e) {
      throw new SQLException(e);
    }
  }
}
