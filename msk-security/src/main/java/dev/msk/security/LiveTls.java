package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.security.TlsSource;
import dev.msk.security.internal.DelegatingSslContext;
import dev.msk.security.internal.TunedSocketFactory;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

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

  /**
   * A factory of sockets for clients that keep one for life, such as those of Redis. Each socket is made with the present generation; one whose
   * server is not trusted any more (with a {@link TlsIdentity}) sends nothing: the next request fails, so that a pool drops the connection, and the
   * answer that is under way comes in.
   *
   * @param source of identity and trust
   * @param peer name of the server
   * @return the factory; thread-safe
   */
  public static SSLSocketFactory socketFactory(TlsSource source, String peer) {
    return TunedSocketFactory.guarded(context(source, peer).getSocketFactory());
  }
}
