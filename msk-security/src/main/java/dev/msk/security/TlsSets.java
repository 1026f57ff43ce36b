package dev.msk.security;

import dev.msk.core.security.TlsSource.Registration;
import dev.msk.security.TlsIdentity.Reload;
import dev.msk.security.internal.TlsGeneration;
import dev.msk.security.spi.TlsMaterial;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The set that is in force, and what decides whether another takes its place. Thread-safe; no lock is held while listeners
 * are called.
 */
final class TlsSets {

  private static final Logger log = LoggerFactory.getLogger(TlsIdentity.class);

  private final InstantSource clock;
  private final SecurityEvents events;
  private final Map<Object, Runnable> listeners = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable TlsGeneration current;
  private volatile String trouble = "";

  TlsSets(InstantSource clock, SecurityEvents events) {
    this.clock = clock;
    this.events = events;
  }

  /** The set in force; there must be one. */
  TlsGeneration current() {
    TlsGeneration found = current;
    if (found == null) {
      throw new IllegalStateException("no TLS identity is published yet");
    }
    return found;
  }

  /** What was said last of why there is no newer set, or nothing. */
  String trouble() {
    return trouble;
  }

  Registration onChange(Runnable listener) {
    Object registration = new Object();
    listeners.put(registration, listener);
    return () -> listeners.remove(registration);
  }

  /** Publishes a set unless it is in force or must not be used; {@link #tell} is left to the caller. */
  Reload offer(TlsMaterial set) {
    try {
      return publish(set);
    } catch (GeneralSecurityException e) {
      return refused(String.valueOf(e.getMessage()));
    }
  }

  /** The same, with the failure for the caller. */
  Reload publish(TlsMaterial set) throws GeneralSecurityException {
    lock.lock();
    try {
      TlsGeneration before = current;
      if (before != null && before.material().set().equals(set)) {
        trouble = "";
        return new Reload.Unchanged();
      }
      TlsGeneration next = TlsGeneration.of(number() + 1, set, clock.instant());
      current = next;
      trouble = "";
      log.info("Published TLS identity {}, generation {}", next.material(), next.number());
      events.emit(TlsEvents.published(next));
      return new Reload.Published(next.number());
    } finally {
      lock.unlock();
    }
  }

  /** Says once why a set is not published. */
  Reload.Refused refused(String reason) {
    lock.lock();
    try {
      if (!reason.equals(trouble)) {
        trouble = reason;
        log.warn("TLS identity is not published, generation {} stays: {}", number(), reason);
        events.emit(TlsEvents.refused(number(), reason));
      }
      return new Reload.Refused(reason);
    } finally {
      lock.unlock();
    }
  }

  /** Says once why there is no set. */
  void unavailable(String reason) {
    lock.lock();
    try {
      if (!reason.equals(trouble)) {
        trouble = reason;
        log.warn("No new TLS identity, generation {} stays: {}", number(), reason);
        events.emit(TlsEvents.unavailable(number(), reason));
      }
    } finally {
      lock.unlock();
    }
  }

  void tell() {
    listeners.values().forEach(TlsSets::tell);
  }

  private long number() {
    TlsGeneration present = current;
    return present == null ? 0 : present.number();
  }

  private static void tell(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException e) {
      log.error("Listener of a TLS identity failed", e);
    }
  }
}
