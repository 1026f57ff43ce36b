package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.security.TlsSource;
import dev.msk.security.internal.DelegatingSslContext;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/**
 * A context for whoever keeps one for the life of the process, such as a server: each handshake is made with the present
 * generation of a {@link TlsSource}. Connections that are open already stay as they are, and a server socket (in contrast to
 * an engine) stays with the generation that it was opened in.
 */
public final class LiveTls {

  private LiveTls() {}

  /**
   * A context that follows its source.
   *
   * @param source of identity and trust
   * @param peer as in {@link TlsSource#context}
   * @return the context; thread-safe
   */
  public static SSLContext context(TlsSource source, String peer) {
    requireNonNull(source, "source");
    requireNonNull(peer, "peer");
    return DelegatingSslContext.of(() -> source.context(peer), UnaryOperator.identity());
  }
}
