package dev.msk.security.jdbc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.security.TlsSource;
import dev.msk.security.LiveTls;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocketFactory;

/**
 * Properties by which PostgreSQL's JDBC driver connects with the present generation of a {@link TlsSource}. The driver knows socket factories by the name
 * of a class; which source is meant is a number that {@link #properties()} has, until this is closed.
 *
 * <p><b>Trust that is taken away.</b> New connections are refused. A pool that softly evicts with each change, {@code source.onChange(() ->
 * pool.getHikariPoolMXBean().softEvictConnections())} with HikariCP, closes its idle connections and those in use when they are returned, so that no transaction
 * is cut. With {@link #abort} a connection sends no further statement, in the midst of a transaction too.
 *
 * <p>How the server is known, by SPIFFE id or by its host name, is up to the source, and is checked although {@code sslmode} is {@code require}, which means
 * only that the driver does not check it a second time.
 *
 * <p>Thread-safe.
 */
public final class PostgresTls implements AutoCloseable {

  private static final Map<String, SSLSocketFactory> FACTORIES = new ConcurrentHashMap<>();
  private static final AtomicLong LAST = new AtomicLong();

  private final String id;

  private PostgresTls(SSLSocketFactory factory) {
    this.id = Long.toString(LAST.incrementAndGet());
    FACTORIES.put(id, factory);
  }

  /**
   * Connections that live until they are closed.
   *
   * @param source of identity and trust
   * @param peer name of the server
   * @return to be closed after the pool
   */
  public static PostgresTls of(TlsSource source, String peer) {
    return new PostgresTls(
        LiveTls.context(requireNonNull(source, "source"), peer).getSocketFactory());
  }

  /**
   * Connections that send nothing to a server that is not trusted any more.
   *
   * @param source of identity and trust
   * @param peer name of the server
   * @return to be closed after the pool
   */
  public static PostgresTls abort(TlsSource source, String peer) {
    return new PostgresTls(LiveTls.socketFactory(requireNonNull(source, "source"), peer));
  }

  /**
   * What the driver must be told.
   *
   * @return {@code sslmode}, {@code sslfactory} and {@code sslfactoryarg}
   */
  public Map<String, String> properties() {
    return Map.of(
        "sslmode",
        "require",
        "sslfactory",
        PostgresTlsFactory.class.getName(),
        "sslfactoryarg",
        id);
  }

  /** Makes no more connections. Idempotent. */
  @Override
  public void close() {
    FACTORIES.remove(id);
  }

  static SSLSocketFactory factory(String id) {
    SSLSocketFactory factory = FACTORIES.get(id);
    if (factory == null) {
      throw new IllegalArgumentException(
          "sslfactoryarg: " + id + " (expected: that of a PostgresTls that is open)");
    }
    return factory;
  }
}
