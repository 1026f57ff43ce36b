package dev.msk.messaging.rabbitmq;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.impl.CredentialsProvider;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.TlsSource;
import java.io.IOException;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Opens connections, each with the credential and the TLS identity of its moment. Thread-safe. */
final class RabbitMqConnector {

  private static final Duration CREDENTIAL_TIMEOUT = Duration.ofSeconds(10);

  private final ConnectionFactory client;
  private final List<Address> nodes;
  private final String peer;
  private final @Nullable CredentialSource credentials;
  private final @Nullable TlsSource tls;

  /**
   * @param client not changed any more
   * @param nodes tried in any order
   * @param peer the broker's name for the sources
   */
  RabbitMqConnector(
      ConnectionFactory client,
      List<Address> nodes,
      String peer,
      @Nullable CredentialSource credentials,
      @Nullable TlsSource tls) {
    this.client = client;
    this.nodes = List.copyOf(nodes);
    this.peer = peer;
    this.credentials = credentials;
    this.tls = tls;
  }

  /**
   * Opens a connection.
   *
   * @param name what the broker's tools show
   */
  OpenConnection open(String name) {
    long generation = tls == null ? 0 : tls.generation();
    AtomicReference<@Nullable Socket> socket = new AtomicReference<>();
    try {
      Connection connection = factory(socket).newConnection(shuffled(), name);
      return new OpenConnection(connection, socket, generation);
    } catch (IOException | TimeoutException e) {
      throw RabbitMqException.of("broker " + nodes, e, "a broker that lets " + user() + " in");
    }
  }

  /** Whether the identity has changed since this connection was opened. */
  boolean isStale(OpenConnection connection) {
    return tls != null && tls.generation() != connection.generation();
  }

  private ConnectionFactory factory(AtomicReference<@Nullable Socket> socket) {
    ConnectionFactory factory = client.clone();
    // Both would go on behind what is lost: who uses a connection begins again where nothing is
    // missing.
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    if (client.isSSL()) {
      factory.useSslProtocol(tls == null ? systemTls() : tls.context(peer));
      factory.enableHostnameVerification();
    }
    if (credentials != null) {
      factory.setCredentialsProvider(new Current(user(), password(credentials)));
    }
    factory.setSocketConfigurator(factory.getSocketConfigurator().andThen(socket::set));
    return factory;
  }

  private List<Address> shuffled() {
    List<Address> addresses = new ArrayList<>(nodes);
    Collections.shuffle(addresses);
    return addresses;
  }

  private String user() {
    return client.getUsername();
  }

  private String password(CredentialSource source) {
    try {
      return source
          .credential(peer)
          .toCompletableFuture()
          .get(CREDENTIAL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
          .value();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RabbitMqException("credential of " + peer + ": interrupted", e);
    } catch (ExecutionException e) {
      throw RabbitMqException.of("credential of " + peer, e, "one that is valid now");
    } catch (TimeoutException e) {
      throw new RabbitMqException(
          "credential of " + peer + ": not there (expected: within " + CREDENTIAL_TIMEOUT + ")", e);
    }
  }

  private static SSLContext systemTls() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JVM's own TLS settings cannot be used", e);
    }
  }

  /** A user with the password of the moment. */
  private record Current(String username, String password) implements CredentialsProvider {

    @Override
    public String getUsername() {
      return username;
    }

    @Override
    public String getPassword() {
      return password;
    }

    @Override
    public String toString() {
      return "Current[username=" + username + "]";
    }
  }
}
