package dev.msk.security.kafka;

import static java.util.Objects.requireNonNull;

import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.TlsSource;
import dev.msk.core.spi.OptionalDependency;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Properties by which producers, consumers and admin clients of Kafka take tokens from a {@link CredentialSource} and contexts from a {@link
 * TlsSource}. They hold the sources themselves, so they are for clients that are made in code.
 *
 * <p>{@code security.protocol} is yours to set: {@code SSL} with {@link #tls}, {@code SASL_SSL} with both.
 *
 * <p>Needs {@code org.apache.kafka:kafka-clients}.
 */
public final class KafkaSecurity {

  static final String CREDENTIALS = "msk.security.credentials";
  static final String TLS = "msk.security.tls";
  static final String PEER = "msk.security.peer";

  private static final AtomicLong LOGINS = new AtomicLong();

  private KafkaSecurity() {}

  /**
   * Logs in by OAUTHBEARER, with a token of this service's own. Kafka asks for another one when four fifths of its life are over, and uses
   * it for new connections and for those that the broker has authenticate again ({@code connections.max.reauth.ms}).
   *
   * @param credentials where tokens come from; waited for at most 30 s
   * @param peer name of the broker: the audience of the token
   * @return properties to be added to those of a client; another client that is to share the login takes the same map
   * @throws dev.msk.core.MissingDependencyException if Kafka's clients are not there
   */
  public static Map<String, Object> oauthBearer(CredentialSource credentials, String peer) {
    requireKafka();
    // Kafka shares logins between clients whose JAAS line is the same; whose tokens they are is not
    // a part of it.
    String line =
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required msk.login=\""
            + LOGINS.incrementAndGet() + "\";";
    return Map.of(
        "sasl.mechanism",
        "OAUTHBEARER",
        "sasl.jaas.config",
        line,
        "sasl.login.callback.handler.class",
        TokenLoginHandler.class,
        CREDENTIALS,
        requireNonNull(credentials, "credentials"),
        PEER,
        requireNonNull(peer, "peer"));
  }

  /**
   * Connects with the present generation of a source. A connection whose broker is not trusted any more sends nothing: its next request fails, Kafka
   * closes it, and makes another one, with the generation of then.
   *
   * <p>How the broker is known, by SPIFFE id or by its host name, is up to the source; {@code ssl.endpoint.identification.algorithm} does not
   * loosen it.
   *
   * @param source of identity and trust
   * @param peer name of the broker
   * @return properties to be added to those of a client
   * @throws dev.msk.core.MissingDependencyException if Kafka's clients are not there
   */
  public static Map<String, Object> tls(TlsSource source, String peer) {
    requireKafka();
    return Map.of(
        "ssl.engine.factory.class",
        TlsSourceEngines.class,
        TLS,
        requireNonNull(source, "source"),
        PEER,
        requireNonNull(peer, "peer"));
  }

  private static void requireKafka() {
    OptionalDependency.of(
            KafkaSecurity.class, "kafka", "org.apache.kafka.common.security.auth.SslEngineFactory")
        .require("Security of Kafka clients");
  }

  static <T> T required(Map<String, ?> configs, String name, Class<T> type) {
    Object value = configs.get(name);
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(name + ": " + (value == null ? "absent" : value.getClass())
          + " (expected: a " + type.getSimpleName() + ", as KafkaSecurity gives it)");
    }
    return type.cast(value);
  }
}
