package dev.msk.core.security;

import javax.net.ssl.SSLContext;

/**
 * The TLS identity of this process and whom it trusts, as it stands now. Certificates are exchanged and trust is
 * taken away while a process runs; each such change makes a new generation.
 *
 * <p>Thread-safe. Nothing here blocks.
 */
public interface TlsSource {

  /**
   * A context for connections with a peer. It holds the generation of the moment: a caller that keeps connections
   * compares {@link #generation()} and closes those of an older one.
   *
   * @param peer name of the service at the other end, such as {@code inventory}; contexts of two peers share no
   *     session cache, so that a session with one is never resumed with the other
   * @return a context of the present generation
   */
  SSLContext context(String peer);

  /**
   * Counts the changes of identity or trust.
   *
   * @return grows by at least one with each change
   */
  long generation();

  /**
   * Tells of changes, after the new generation is in force.
   *
   * @param listener called on the thread that made the change; must not block
   * @return closing it ends the calls
   */
  Registration onChange(Runnable listener);

  /** A listener that can be taken away. */
  @FunctionalInterface
  interface Registration extends AutoCloseable {

    /** Takes the listener away. Idempotent. */
    @Override
    void close();
  }
}
