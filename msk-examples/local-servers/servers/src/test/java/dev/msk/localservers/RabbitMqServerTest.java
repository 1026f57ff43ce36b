package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Half a minute: a broker takes some seconds to start, and {@code rabbitmqctl} two. */
class RabbitMqServerTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  private static RabbitMqServer rabbit;

  @BeforeAll
  static void start() {
    Skip.test(RabbitMqServerTest.class, RabbitMqServer.missing());
    rabbit = RabbitMqServer.start();
  }

  @AfterAll
  static void close() {
    if (rabbit != null) {
      long mapper = rabbit.mapperPid();
      rabbit.close();
      Await.gone(rabbit.pid());
      Await.gone(mapper);
      assertThat(rabbit.folder()).doesNotExist();
    }
  }

  @Test
  void restart_afterKill_hasTheSamePort_andWhatWasConfirmed() throws Exception {
    try (RabbitMqServer own = RabbitMqServer.start()) {
      onChannel(
          own,
          channel ->
              channel.queueDeclare("kept", true, false, false, Map.of("x-queue-type", "quorum")));
      // A queue's name reaches the disk some time after the queue, and at the latest now.
      own.stop();
      own.restart();
      Await.until("a leader", () -> "".equals(get(own, "kept")));
      onChannel(own, channel -> {
        channel.confirmSelect();
        byte[] body = "order".getBytes(StandardCharsets.UTF_8);
        channel.basicPublish("", "kept", MessageProperties.PERSISTENT_BASIC, body);
        channel.waitForConfirmsOrDie(10_000);
      });

      own.kill();
      assertThat(own.isAlive()).isFalse();
      assertThatThrownBy(() -> client(own).newConnection()).isInstanceOf(IOException.class);
      own.restart();

      // A quorum queue elects a leader first, and closes the connection of who asks before.
      Await.until("what was confirmed", () -> "order".equals(get(own, "kept")));
    }
  }

  private interface Use {
    void of(Channel channel) throws Exception;
  }

  private static void onChannel(RabbitMqServer server, Use use) throws Exception {
    try (Connection connection = client(server).newConnection();
        Channel channel = connection.createChannel()) {
      use.of(channel);
    }
  }

  /** The first message; empty if there is none, null while the queue does not answer. */
  private static String get(RabbitMqServer server, String queue) {
    try (Connection connection = client(server).newConnection();
        Channel channel = connection.createChannel()) {
      GetResponse kept = channel.basicGet(queue, false);
      return kept == null ? "" : new String(kept.getBody(), StandardCharsets.UTF_8);
    } catch (IOException | TimeoutException | AlreadyClosedException e) {
      return null;
    }
  }

  @Test
  void stop_isInOrder_andStartsAgain() throws Exception {
    try (RabbitMqServer own = RabbitMqServer.start()) {
      own.stop();
      assertThat(own.isAlive()).isFalse();
      own.restart();
      try (Connection connection = client(own).newConnection()) {
        assertThat(connection.isOpen()).isTrue();
      }
    }
  }

  @Test
  void ctl_changesTheBroker() throws Exception {
    rabbit.ctl("add_vhost", "other");
    assertThat(rabbit.ctl("list_vhosts").lines()).contains("other");
    assertThatThrownBy(() -> rabbit.ctl("no_such_command"))
        .isInstanceOf(LocalServerException.class)
        .hasMessageStartingWith("rabbitmq: rabbitmqctl no_such_command: ended with code ");
  }

  @Test
  void alarm_blocksWhoPublishes_untilItGoes() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch unblocked = new CountDownLatch(1);
    try (Connection connection = client(rabbit).newConnection();
        Channel channel = connection.createChannel()) {
      connection.addBlockedListener(reason -> blocked.countDown(), unblocked::countDown);
      rabbit.ctl("set_disk_free_limit", "100000GB");
      try {
        channel.basicPublish("", "nobody", MessageProperties.BASIC, new byte[0]);
        assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();
      } finally {
        rabbit.ctl("set_disk_free_limit", "50MB");
      }
      assertThat(unblocked.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void tls_showsTheCertificate(@TempDir Path folder) throws Exception {
    MtlsStores[] sides = MtlsStores.pair(folder, "server", "client");
    KeyStore keys = store(sides[0].keyStore());
    Path certificate = pem(folder, "CERTIFICATE", keys.getCertificate("self").getEncoded());
    Path key = pem(folder, "PRIVATE KEY", keys.getKey("self", PASSWORD).getEncoded());
    try (RabbitMqServer secure = RabbitMqServer.builder().tls(certificate, key).start()) {
      ConnectionFactory factory = client(secure);
      factory.setPort(secure.tlsPort());

      factory.useSslProtocol(trusting(sides[1].trustStore()));
      factory.enableHostnameVerification();
      try (Connection connection = factory.newConnection()) {
        assertThat(connection.isOpen()).isTrue();
      }
      factory.useSslProtocol(trusting(sides[0].trustStore()));
      assertThatThrownBy(factory::newConnection).isInstanceOf(IOException.class);
    }
  }

  @Test
  void tlsPort_withoutTls_isNamed_withHowToHaveIt() {
    assertThatThrownBy(rabbit::tlsPort)
        .isInstanceOf(LocalServerException.class)
        .hasMessage("rabbitmq: tls: off (expected: builder().tls(…))");
  }

  @Test
  void listeners_areOnLoopbackAlone() throws IOException {
    assertThat(Listeners.of(rabbit.pid()))
        .contains(rabbit.address())
        .allMatch(listener -> listener.startsWith("127.0.0.1:"));
    // The mapper always listens on the loopback address of IPv6 too.
    assertThat(Listeners.of(rabbit.mapperPid()))
        .isNotEmpty()
        .allMatch(listener -> listener.startsWith("127.0.0.1:")
            || listener.startsWith("00000000000000000000000001000000:"));
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> RabbitMqServer.builder().port(rabbit.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)rabbitmq: .*its port is taken \\(log: /.*\\.log\\)");
  }

  @Test
  void start_withBadConfiguration_namesIt() {
    assertThatThrownBy(
            () -> RabbitMqServer.builder().configuration("loud = true").start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching("(?s)rabbitmq: ended with code .* \\(log: /.*\\.log\\)");
  }

  private static ConnectionFactory client(RabbitMqServer server) {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(server.host());
    factory.setPort(server.port());
    factory.setUsername(server.username());
    factory.setPassword(server.password());
    factory.setAutomaticRecoveryEnabled(false);
    return factory;
  }

  private static SSLContext trusting(Path trustStore) throws Exception {
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store(trustStore));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static KeyStore store(Path file) throws Exception {
    return KeyStore.getInstance(file.toFile(), PASSWORD);
  }

  private static Path pem(Path folder, String what, byte[] der) throws IOException {
    String text = Base64.getMimeEncoder().encodeToString(der);
    Path file = Files.createTempFile(folder, "rabbitmq", ".pem");
    return Files.writeString(
        file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
  }
}
