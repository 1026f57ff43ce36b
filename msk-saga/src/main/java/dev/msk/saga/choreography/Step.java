package dev.msk.saga.choreography;

import dev.msk.messaging.EventEnvelope;
import java.util.List;

/** What an input makes of an instance, before anything is written. */
sealed interface Step {

  /** Its next state, and what follows. */
  record Moved(byte[] state, boolean ended, List<EventEnvelope> events, List<Effect> timers)
      implements Step {}

  /** The instance does not hear it. */
  record Ignored() implements Step {}

  /** It cannot be taken. */
  record Failed(Throwable error) implements Step {}
}
