package dev.msk.messaging.rabbitmq;

import static java.util.Objects.requireNonNull;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import dev.msk.core.Ticker;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.TlsSource;
import dev.msk.core.spi.Faults;
import dev.msk.core.spi.OptionalDependency;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * RabbitMQ by AMQP 0-9-1, CloudEvents in binary mode: attributes as {@code ce-} headers, the data as body.
 *
 * <p>A topic is a durable direct exchange of that name. A group has four quorum queues for each topic, one for each partition of the keys,
 * each read by one member at a time; no plugin takes part. {@link #declare} or the first receiver of a group makes them: a group gets
 * what is sent from then on.
 *
 * <p><b>Sending</b>: persistent, mandatory, confirmed by a majority of the queues' members, up to 1,000 events under way; an event that no
 * queue of any group takes, that is refused, or that is not confirmed within 30 s fails, and so does all that is under way. While the broker
 * blocks who publishes (an alarm), an event waits 5 s and fails. <b>Receiving</b>: acknowledged only after processing, up to 1,000 messages of
 * a queue ahead; what is not acknowledged comes again, in its order, and the broker never gives a message up.
 *
 * <p>Nothing recovers by itself: after an outage the relay opens another sender and sends again from the first event that was not confirmed,
 * and the consumer opens another receiver. Each connection has the credential and the TLS identity of its moment.
 *
 * <p>Made for RabbitMQ 3.10 and newer. Thread-safe; what it opens is confined to one thread each.
 *
 * @see <a href="https://www.rabbitmq.com/docs/quorum-queues">Quorum queues</a>
 */
public final class RabbitMqTransport implements EventTransport {

  private final RabbitMqConnector connector;
  private final RabbitMqTopology topology;
  private final ConfirmedChannel.Limits limits;
  private final int prefetch;

  private RabbitMqTransport(Builder builder, RabbitMqConnector connector) {
    this.connector = connector;
    this.topology =
        new RabbitMqTopology(builder.partitions, builder.declares, builder.deadLetterExchange);
    this.limits = new ConfirmedChannel.Limits(
        builder.maxInFlight,
        builder.blockTimeout,
        builder.confirmTimeout,
        builder.ticker,
        builder.threads);
    this.prefetch = builder.prefetch;
  }

  /**
   * A transport with the defaults.
   *
   * @param uri {@code amqp://user:password@host:5672/vhost}, or {@code amqps:} with the JVM's trusted certificates
   * @return a transport; connects when a sender or receiver is opened
   * @throws dev.msk.core.MissingDependencyException when amqp-client is not there
   * @throws IllegalArgumentException when the URI is none of RabbitMQ's
   */
  public static RabbitMqTransport of(String uri) {
    return builder(uri).build();
  }

  /**
   * A builder with the defaults.
   *
   * @param uri {@code amqp://user:password@host:5672/vhost}, or {@code amqps:}
   * @return to change them
   * @throws dev.msk.core.MissingDependencyException when amqp-client is not there
   */
  public static Builder builder(String uri) {
    OptionalDependency.of(
            RabbitMqTransport.class, "rabbitmq", "com.rabbitmq.client.ConnectionFactory")
        .require("RabbitMQ transport");
    return new Builder(uri);
  }

  /**
   * Makes the queues of a group, so that it gets what is sent from now on, though none of its members has run yet; or, with {@link
   * Builder#existingTopology()}, looks whether they are there. Idempotent.
   *
   * @param group members of one group share the events, each group gets all of them
   * @param topics what it will read, not empty
   * @throws RuntimeException when the broker cannot be reached, or something of that name is there and otherwise; the message names it
   */
  public void declare(String group, Collection<String> topics) {
    RabbitMqReceiver.Settings settings = settings(group, topics);
    OpenConnection connection = settings.open();
    try {
      RabbitMqReceiver.declare(settings, connection);
    } finally {
      connection.close();
    }
  }

  @Override
  public String system() {
    return "rabbitmq";
  }

  @Override
  public EventSender openSender() {
    return RabbitMqSender.open(connector, topology, limits);
  }

  @Override
  public EventReceiver openReceiver(
      String group, Collection<String> topics, EventReceiver.Revocations revocations) {
    requireNonNull(revocations, "revocations");
    return RabbitMqReceiver.open(settings(group, topics), revocations);
  }

  @Override
  public EventEnvelope decode(Delivery.Undecodable message) {
    return RabbitMqReceiver.decode(message);
  }

  private RabbitMqReceiver.Settings settings(String group, Collection<String> topics) {
    if (topics.isEmpty()) {
      throw new IllegalArgumentException("topics: [] (expected: at least one)");
    }
    topics.forEach(topic -> topology.requireNames(group, topic));
    return new RabbitMqReceiver.Settings(
        connector, topology, group, List.copyOf(topics), prefetch, limits.ticker());
  }

  /** Settings. Confined to one thread. */
  public static final class Builder {

    private static final int MAX_PARTITIONS = 64;
    private static final int MAX_PREFETCH = 10_000;

    private final String uri;
    private final List<String> nodes = new ArrayList<>();
    private Consumer<ConnectionFactory> client = factory -> {};
    private @Nullable CredentialSource credentials;
    private @Nullable TlsSource tls;
    private String peer = "rabbitmq";
    private int partitions = 4;
    private boolean declares = true;
    private @Nullable String deadLetterExchange;
    private int maxInFlight = 1_000;
    private int prefetch = 1_000;
    private Duration blockTimeout = Duration.ofSeconds(5);
    private Duration confirmTimeout = Duration.ofSeconds(30);
    private Ticker ticker = Ticker.system();
    private ThreadFactory threads = Builder::thread;

    private Builder(String uri) {
      this.uri = requireNonNull(uri, "uri");
    }

    private static Thread thread(Runnable work) {
      Thread thread = new Thread(work, "msk-rabbitmq");
      thread.setDaemon(true);
      return thread;
    }

    /**
     * Other nodes of the cluster, which are tried too when a connection is opened.
     *
     * @param addresses each as {@code host:port}
     * @return this
     */
    public Builder nodes(String... addresses) {
      nodes.addAll(List.of(addresses));
      return this;
    }

    /**
     * Changes the client's own settings: heartbeat, frame size, SASL. Recovery stays off.
     *
     * @param change called once, after the defaults: a heartbeat of 10 s, 5 s to connect, 10 s for an answer
     * @return this
     */
    public Builder client(Consumer<ConnectionFactory> change) {
      this.client = requireNonNull(change, "change");
      return this;
    }

    /**
     * Takes the password from a source, for each connection anew: one that is rotated needs no restart, and connections that are there
     * stay.
     *
     * @param source asked for the credential of {@link #peer}; its value is the password, or the token of OAuth 2.0
     * @return this
     */
    public Builder credentials(CredentialSource source) {
      this.credentials = requireNonNull(source, "source");
      return this;
    }

    /**
     * Takes the TLS identity from a source. A connection of an older generation is changed for another once what was sent over it is
     * confirmed.
     *
     * @param source asked for the context of {@link #peer}; the host's name is verified
     * @return this
     */
    public Builder tls(TlsSource source) {
      this.tls = requireNonNull(source, "source");
      return this;
    }

    /**
     * What the broker is called where credentials and TLS identities come from.
     *
     * @param name default {@code rabbitmq}
     * @return this
     */
    public Builder peer(String name) {
      this.peer = requireNonNull(name, "name");
      return this;
    }

    /**
     * Into how many queues the keys of a topic go, for each group. The same for all who send and receive; who counts otherwise has every
     * send fail.
     *
     * @param count 1 to 64, default 4; at most so many members of a group are at work
     * @return this
     */
    public Builder partitions(int count) {
      this.partitions = count;
      return this;
    }

    /**
     * Declares nothing, for users without the permission: exchanges and queues have to be there, and are looked for.
     *
     * @return this
     */
    public Builder existingTopology() {
      this.declares = false;
      return this;
    }

    /**
     * Where the broker puts what it gives up, by a policy of somebody's (length, age, a delivery limit). What a handler cannot do is not of
     * that kind: it is a dead letter in the database. By default nowhere: then such a message is lost.
     *
     * @param exchange that is there, with a queue; made by others
     * @return this
     */
    public Builder deadLetterExchange(String exchange) {
      this.deadLetterExchange = requireNonNull(exchange, "exchange");
      return this;
    }

    /**
     * How many events of a sender may be unconfirmed.
     *
     * @param events default 1,000
     * @return this
     */
    public Builder maxInFlight(int events) {
      this.maxInFlight = events;
      return this;
    }

    /**
     * How many messages of each queue are fetched before they are acknowledged. Should not be less than what a consumer has under way.
     *
     * @param messages default 1,000
     * @return this
     */
    public Builder prefetch(int messages) {
      this.prefetch = messages;
      return this;
    }

    /**
     * How long an event waits, while as many as may be are unconfirmed, or the broker blocks who publishes.
     *
     * @param limit default 5 s
     * @return this
     */
    public Builder blockTimeout(Duration limit) {
      this.blockTimeout = requireNonNull(limit, "limit");
      return this;
    }

    /**
     * How long an event may be unconfirmed.
     *
     * @param limit default 30 s
     * @return this
     */
    public Builder confirmTimeout(Duration limit) {
      this.confirmTimeout = requireNonNull(limit, "limit");
      return this;
    }

    /**
     * Measures time by another ticker.
     *
     * @param ticker default the system's
     * @return this
     */
    public Builder ticker(Ticker ticker) {
      this.ticker = requireNonNull(ticker, "ticker");
      return this;
    }

    /**
     * Makes the thread of each sender that looks for what is not confirmed. The client makes threads of its own for each connection, by
     * its factory's {@code setThreadFactory}.
     *
     * @param threads default daemon threads named {@code msk-rabbitmq}
     * @return this
     */
    public Builder threadFactory(ThreadFactory threads) {
      this.threads = requireNonNull(threads, "threads");
      return this;
    }

    /**
     * Makes the transport.
     *
     * @return a transport; connects when a sender or receiver is opened
     * @throws IllegalArgumentException naming every setting that is out of bounds
     */
    public RabbitMqTransport build() {
      ConnectionFactory factory = factory();
      new Faults()
          .check(
              partitions >= 1 && partitions <= MAX_PARTITIONS,
              "partitions",
              partitions,
              "1 to " + MAX_PARTITIONS)
          .check(maxInFlight >= 1, "maxInFlight", maxInFlight, ">= 1")
          .check(
              prefetch >= 1 && prefetch <= MAX_PREFETCH,
              "prefetch",
              prefetch,
              "1 to " + MAX_PREFETCH)
          .positive("blockTimeout", blockTimeout)
          .positive("confirmTimeout", confirmTimeout)
          .check(
              tls == null || factory.isSSL(), "tls", "with amqp:", "a URI that begins with amqps:")
          .report();
      return new RabbitMqTransport(
          this, new RabbitMqConnector(factory, addresses(factory), peer, credentials, tls));
    }

    private ConnectionFactory factory() {
      ConnectionFactory factory = new ConnectionFactory();
      factory.setRequestedHeartbeat(10);
      factory.setConnectionTimeout(5_000);
      factory.setHandshakeTimeout(5_000);
      factory.setChannelRpcTimeout(10_000);
      try {
        factory.setUri(uri);
      } catch (URISyntaxException | GeneralSecurityException | IllegalArgumentException e) {
        // Without the URI, and what the client says of it: a password may stand there.
        throw new IllegalArgumentException(
            "uri: not RabbitMQ's (expected: amqp://user:password@host:port/vhost, or amqps:)");
      }
      client.accept(factory);
      return factory;
    }

    private List<Address> addresses(ConnectionFactory factory) {
      List<Address> addresses = new ArrayList<>();
      addresses.add(new Address(factory.getHost(), factory.getPort()));
      nodes.forEach(node -> addresses.add(Address.parseAddress(node)));
      return addresses;
    }
  }
}
