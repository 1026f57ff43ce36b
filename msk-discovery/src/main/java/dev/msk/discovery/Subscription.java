package dev.msk.discovery;

/** Something that goes on until it is closed. Thread-safe. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {

  /** Ends it; a call that has begun may still finish. Idempotent. */
  @Override
  void close();
}
