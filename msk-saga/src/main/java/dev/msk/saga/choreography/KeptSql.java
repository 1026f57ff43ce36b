package dev.msk.saga.choreography;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.TableNames;
import dev.msk.messaging.EventEnvelope;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Inputs that instances have not taken, in PostgreSQL; to be used under the lock of the instance's row. Thread-safe. */
final class KeptSql {

  private static final String SUBJECT = "subject";
  private static final String TIME = "time";
  private static final String CONTENT_TYPE = "datacontenttype";
  private static final String SCHEMA = "dataschema";

  private final String insertLast;
  private final String insertFirst;
  private final String list;
  private final String delete;
  private final String deleteAll;

  KeptSql(TableNames names) {
    String kept = names.table("choreography_kept");
    String ofInstance = " WHERE participant = ? AND instance_key = ?";
    String insert = "INSERT INTO " + kept
        + " (participant, instance_key, timer, event_source, event_id, event_type, attribute_names,"
        + " attribute_texts, data, place) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT ";
    String from = " FROM " + kept + ofInstance + ")";
    this.insertLast = insert + "coalesce(max(place), 0) + 1" + from;
    this.insertFirst = insert + "coalesce(min(place), 2) - 1" + from;
    this.list = "SELECT * FROM " + kept + ofInstance + " ORDER BY place LIMIT ?";
    this.delete = "DELETE FROM " + kept + ofInstance + " AND place = ?";
    this.deleteAll = "DELETE FROM " + kept + ofInstance;
  }

  void addLast(Connection tx, InstanceRow row, Pending input) throws SQLException {
    insert(tx, insertLast, row, input);
  }

  void addFirst(Connection tx, InstanceRow row, Pending input) throws SQLException {
    insert(tx, insertFirst, row, input);
  }

  List<KeptInput> list(Connection tx, InstanceRow row, int atMost) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(list)) {
      statement.setString(1, row.participant());
      statement.setString(2, row.key());
      statement.setInt(3, atMost);
      try (ResultSet rows = statement.executeQuery()) {
        List<KeptInput> found = new ArrayList<>();
        while (rows.next()) {
          String timer = rows.getString("timer");
          found.add(new KeptInput(
              rows.getLong("place"),
              timer,
              timer == null ? event(rows) : null,
              requireNonNull(rows.getObject("kept_at", OffsetDateTime.class)).toInstant()));
        }
        return found;
      }
    }
  }

  void delete(Connection tx, InstanceRow row, long place) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(delete)) {
      statement.setString(1, row.participant());
      statement.setString(2, row.key());
      statement.setLong(3, place);
      statement.executeUpdate();
    }
  }

  void deleteAll(Connection tx, InstanceRow row) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(deleteAll)) {
      statement.setString(1, row.participant());
      statement.setString(2, row.key());
      statement.executeUpdate();
    }
  }

  private static void insert(Connection tx, String sql, InstanceRow row, Pending input)
      throws SQLException {
    EventEnvelope event = input.event();
    try (PreparedStatement statement = tx.prepareStatement(sql)) {
      statement.setString(1, row.participant());
      statement.setString(2, row.key());
      statement.setString(3, input.timer());
      statement.setString(4, event == null ? null : event.source());
      statement.setString(5, event == null ? null : event.id());
      statement.setString(6, event == null ? null : event.type());
      Map<String, String> attributes = event == null ? Map.of() : attributes(event);
      statement.setArray(7, texts(tx, attributes.keySet().toArray()));
      statement.setArray(8, texts(tx, attributes.values().toArray()));
      statement.setBytes(9, event == null ? null : event.data());
      statement.setString(10, row.participant());
      statement.setString(11, row.key());
      statement.executeUpdate();
    }
  }

  private static Array texts(Connection tx, Object[] texts) throws SQLException {
    return tx.createArrayOf("text", texts);
  }

  private static Map<String, String> attributes(EventEnvelope event) {
    Map<String, String> attributes = new LinkedHashMap<>();
    event.subject().ifPresent(value -> attributes.put(SUBJECT, value));
    event.timeText().ifPresent(value -> attributes.put(TIME, value));
    event.dataContentType().ifPresent(value -> attributes.put(CONTENT_TYPE, value));
    event.dataSchema().ifPresent(value -> attributes.put(SCHEMA, value));
    attributes.putAll(event.extensions());
    return attributes;
  }

  private static EventEnvelope event(ResultSet row) throws SQLException {
    EventEnvelope.Builder event = EventEnvelope.builder(
        row.getString("event_id"), row.getString("event_source"), row.getString("event_type"));
    String[] names = (String[]) row.getArray("attribute_names").getArray();
    String[] texts = (String[]) row.getArray("attribute_texts").getArray();
    for (int i = 0; i < names.length; i++) {
      switch (names[i]) {
        case SUBJECT -> event.subject(texts[i]);
        case TIME -> event.time(texts[i]);
        case CONTENT_TYPE -> event.dataContentType(texts[i]);
        case SCHEMA -> event.dataSchema(texts[i]);
        default -> event.extension(names[i], texts[i]);
      }
    }
    byte @Nullable [] data = row.getBytes("data");
    if (data != null) {
      event.data(data);
    }
    return event.build();
  }
}
