package dev.msk.benchmarks.messaging;

import static dev.msk.benchmarks.messaging.FloorDrain.utf8;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Floor: a row of the outbox as the record that a relay sends. */
final class FloorRecord {

  static final String SELECT =
      "SELECT seq, id, aggregatetype, aggregateid, type, source, subject, time, datacontenttype, payload"
          + " FROM floor_outbox WHERE seq > ? ORDER BY seq LIMIT ?";

  private FloorRecord() {}

  static ProducerRecord<byte[], byte[]> of(ResultSet row) throws SQLException {
    byte[] key = utf8(row.getString(4));
    RecordHeaders headers = new RecordHeaders();
    headers.add("ce_specversion", utf8("1.0"));
    headers.add("ce_id", utf8(row.getString(2)));
    headers.add("ce_source", utf8(row.getString(6)));
    headers.add("ce_type", utf8(row.getString(5)));
    headers.add("ce_subject", utf8(row.getString(7)));
    headers.add("ce_time", utf8(row.getString(8)));
    headers.add("content-type", utf8(row.getString(9)));
    headers.add("ce_partitionkey", key);
    headers.add("ce_sequence", sequence(row.getString(1)));
    return new ProducerRecord<>(row.getString(3), null, null, key, row.getBytes(10), headers);
  }

  /** Of one length, as ours. */
  private static byte[] sequence(String seq) {
    return utf8("0".repeat(19 - seq.length()) + seq);
  }
}
