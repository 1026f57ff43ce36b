package dev.msk.messaging.crash;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.DeadLetterStore;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.spi.InboxStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The real inbox and transport of a consumer, with a crash point on each side of each step. */
final class CrashingConsumerParts {

  private CrashingConsumerParts() {}

  static InboxStore inbox(InboxStore real, CrashPoint crash) {
    return new InboxStore() {
      @Override
      public BitSet record(Connection tx, String consumer, List<EventEnvelope> events)
          throws SQLException {
        return crash.step("record", () -> real.record(tx, consumer, events));
      }

      @Override
      public @Nullable Answered request(
          Connection tx, String consumer, String source, String id, byte[] fingerprint)
          throws SQLException {
        return real.request(tx, consumer, source, id, fingerprint);
      }

      @Override
      public void answer(Connection tx, String consumer, String source, String id, byte[] answer)
          throws SQLException {
        real.answer(tx, consumer, source, id, answer);
      }

      @Override
      public DeadLetterStore deadLetters() {
        return CrashingDeadLetters.around(real.deadLetters(), crash);
      }

      @Override
      public int purge(Duration keep, int atMost) throws SQLException {
        return crash.step("purge", () -> real.purge(keep, atMost));
      }
    };
  }

  static EventTransport transport(EventTransport real, CrashPoint crash) {
    return new EventTransport() {
      @Override
      public EventSender openSender() {
        return real.openSender();
      }

      @Override
      public EventReceiver openReceiver(
          String group, Collection<String> topics, EventReceiver.Revocations revocations) {
        return receiver(
            crash.step("join", () -> real.openReceiver(group, topics, revocations)), crash);
      }

      @Override
      public EventEnvelope decode(Delivery.Undecodable message) {
        return real.decode(message);
      }
    };
  }

  private static EventReceiver receiver(EventReceiver real, CrashPoint crash) {
    return new EventReceiver() {
      @Override
      public List<Delivery> poll(Duration timeout) {
        crash.pass("before poll");
        List<Delivery> deliveries = real.poll(timeout);
        if (!deliveries.isEmpty()) {
          crash.pass("after poll");
        }
        return deliveries;
      }

      @Override
      public void acknowledge(List<Delivery> deliveries) {
        crash.step("acknowledge", () -> {
          real.acknowledge(deliveries);
          return deliveries;
        });
      }

      @Override
      public void pause() {
        real.pause();
      }

      @Override
      public void resume() {
        real.resume();
      }

      @Override
      public void wakeup() {
        real.wakeup();
      }

      @Override
      public void close() {
        real.close();
        crash.pass("after leave");
      }
    };
  }
}
