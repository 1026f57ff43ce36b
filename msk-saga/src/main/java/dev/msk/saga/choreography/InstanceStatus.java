package dev.msk.saga.choreography;

/** Where an instance of a {@link Participant} is. */
public enum InstanceStatus {
  /** Events came for it, and none that starts it: they are kept. It has no state. */
  WAITING,
  /** It hears events and timers. */
  RUNNING,
  /** An input could not be taken: it is kept, with its error, and all that came after it. An operator releases them. */
  QUARANTINED,
  /** It hears nothing more, and is deleted after the retention. */
  ENDED
}
