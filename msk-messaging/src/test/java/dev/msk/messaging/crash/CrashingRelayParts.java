package dev.msk.messaging.crash;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.crash.CrashPoint.Crash;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.spi.OutboxReader;
import dev.msk.messaging.spi.OutboxRecord;
import dev.msk.messaging.spi.OutboxStore;
import dev.msk.messaging.spi.OwnedPartition;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/** The real store and transport of a relay, with a crash point on each side of each step. */
final class CrashingRelayParts {

  private CrashingRelayParts() {}

  static OutboxStore store(OutboxStore real, CrashPoint crash) {
    return new OutboxStore() {
      @Override
      public int partitions() {
        return real.partitions();
      }

      @Override
      public void insert(Connection tx, List<OutboxRecord> records) throws SQLException {
        real.insert(tx, records);
      }

      @Override
      public void insertDelayed(Connection tx, List<OutboxRecord> records, Instant availableAt)
          throws SQLException {
        real.insertDelayed(tx, records, availableAt);
      }

      @Override
      public int release(int atMost) throws SQLException {
        return crash.step("release", () -> real.release(atMost));
      }

      @Override
      public OutboxReader read(Collection<OwnedPartition> owned) throws SQLException {
        crash.pass("before claim");
        OutboxReader reader = real.read(owned);
        try {
          crash.pass("after claim");
        } catch (Crash e) {
          reader.close();
          throw e;
        }
        return reader(reader, crash);
      }

      @Override
      public int purge(Duration keep, int atMost) throws SQLException {
        return crash.step("purge", () -> real.purge(keep, atMost));
      }
    };
  }

  private static OutboxReader reader(OutboxReader real, CrashPoint crash) {
    return new OutboxReader() {
      @Override
      public Page next(int atMost) throws SQLException {
        crash.pass("before read");
        Page page = real.next(atMost);
        if (!page.records().isEmpty()) {
          crash.pass("after read");
        }
        return page;
      }

      @Override
      public void acknowledge(Page page) throws SQLException {
        crash.step("cursor", () -> {
          real.acknowledge(page);
          return page;
        });
      }

      /** The connections of a dead process end too. */
      @Override
      public void close() {
        real.close();
        crash.pass("after close of the reader");
      }
    };
  }

  static EventTransport transport(EventTransport real, CrashPoint crash) {
    return new EventTransport() {
      @Override
      public EventSender openSender() {
        return sender(crash.step("connect", real::openSender), crash);
      }

      @Override
      public EventReceiver openReceiver(
          String group, Collection<String> topics, EventReceiver.Revocations revocations) {
        throw new UnsupportedOperationException();
      }

      @Override
      public EventEnvelope decode(Delivery.Undecodable message) {
        return real.decode(message);
      }
    };
  }

  private static EventSender sender(EventSender real, CrashPoint crash) {
    return new EventSender() {
      @Override
      public void send(String topic, EventEnvelope event, Completion completion) {
        crash.step("send", () -> {
          real.send(topic, event, error -> {
            crash.pass("before answer");
            completion.done(error);
            crash.pass("after answer");
          });
          return event;
        });
      }

      @Override
      public void close() {
        real.close();
        crash.pass("after close of the sender");
      }
    };
  }
}
