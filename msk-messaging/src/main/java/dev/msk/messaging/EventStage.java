package dev.msk.messaging;

import java.sql.Connection;
import java.util.List;
import java.util.Objects;

/**
 * Changes how the data of events travels, and changes it back: compression, claim check. Nothing of it is
 * seen by publishers, handlers and {@link dev.msk.core.event.EventInterceptor interceptors}, which see the
 * event as it was published.
 *
 * <p>Publish: interceptors, then stages, then the size check, then the table. Consume: stages, then
 * interceptors, then the handler. Thread-safe.
 *
 * <p>Let consumers have a stage before publishers do.
 */
public interface EventStage {

  /**
   * Before an event is stored in the outbox.
   *
   * @param tx the publisher's transaction
   * @param event the event as it was published
   * @return the event as it shall travel, of the same source and id
   */
  EventEnvelope outgoing(Connection tx, EventEnvelope event);

  /**
   * Before an event is handled. Repeated when the event comes again.
   *
   * @param event the event as it came
   * @return the event as it was published; the same when this stage had not changed it
   * @throws InvalidEventException when it cannot be changed back, ever
   */
  EventEnvelope incoming(EventEnvelope event);

  /**
   * Several stages as one: outgoing in their order, incoming in the opposite one.
   *
   * @param stages none is allowed: events then travel as they are
   * @return one stage
   */
  static EventStage of(List<EventStage> stages) {
    List<EventStage> all = List.copyOf(stages);
    return new EventStage() {
      @Override
      public EventEnvelope outgoing(Connection tx, EventEnvelope event) {
        EventEnvelope travelling = event;
        for (EventStage stage : all) {
          travelling = Objects.requireNonNull(stage.outgoing(tx, travelling), "event");
        }
        return travelling;
      }

      @Override
      public EventEnvelope incoming(EventEnvelope event) {
        EventEnvelope published = event;
        for (int i = all.size() - 1; i >= 0; i--) {
          published = Objects.requireNonNull(all.get(i).incoming(published), "event");
        }
        return published;
      }
    };
  }
}
