package dev.msk.saga.choreography;

import java.util.Locale;

/** What became of an input. */
enum Taken {
  /** It started its instance. */
  STARTED,
  /** The instance took it. */
  APPLIED,
  /** It is kept until something starts its instance. */
  STASHED,
  /** It is kept behind an input that is in quarantine. */
  BEHIND,
  /** It could not be taken, and its instance is in quarantine. */
  QUARANTINED,
  /** It starts an instance that there is already. */
  IGNORED,
  /** Its instance has ended. */
  LATE;

  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
