package dev.msk.messaging.rabbitmq;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.msk.core.security.TlsSource;
import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.RabbitMqServer;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections trust whom the source trusts, verify the host, and are exchanged when the identity changes. */
final class RabbitMqTlsTest {

  private static final String PASSWORD = "changeit";
  private static final List<String> TOPIC = List.of("secret");

  @TempDir
  private Path folder;

  @Test
  void identityThatChanges_isTakenUp_andOthersAreRefused() throws Exception {
    RabbitMqServer.missing().ifPresent(why -> {
      System.err.println("SKIPPED RabbitMqTlsTest: " + why);
      assumeTrue(false, why);
    });
    KeyStore keys = keys("broker", "ip:127.0.0.1");
    try (RabbitMqServer rabbit = RabbitMqServer.builder()
        .tls(
            pem("CERTIFICATE", keys.getCertificate("self").getEncoded()),
            pem("PRIVATE KEY", keys.getKey("self", PASSWORD.toCharArray()).getEncoded()))
        .start()) {
      Identity identity = new Identity(trusting(keys));
      RabbitMqTransport transport = transport(rabbit.tlsPort(), "127.0.0.1", identity);
      List<String> received = new ArrayList<>();
      try (EventReceiver receiver = transport.openReceiver("g", TOPIC);
          EventSender sender = transport.openSender()) {
        for (int generation = 0; generation < 3; generation++) {
          int opened = identity.asked.get();
          identity.generation.set(generation);
          send(sender, "k-" + generation);
          int count = generation + 1;
          eventually(count + " events", () -> {
            List<Delivery> deliveries = receiver.poll(Duration.ofMillis(200));
            deliveries.forEach(
                each -> received.add(((Delivery.Event) each).event().id()));
            receiver.acknowledge(deliveries);
            return received.size() >= count;
          });
          assertThat(identity.asked.get() - opened).isEqualTo(generation == 0 ? 0 : 2);
        }
      }
      assertThat(received).containsExactly("k-0", "k-1", "k-2");

      RabbitMqTransport elsewhere = transport(rabbit.tlsPort(), "localhost", identity);
      assertThatThrownBy(elsewhere::openSender).hasStackTraceContaining("localhost");
      Identity stranger = new Identity(trusting(keys("other", "ip:127.0.0.1")));
      assertThatThrownBy(transport(rabbit.tlsPort(), "127.0.0.1", stranger)::openSender)
          .hasStackTraceContaining("SSLHandshakeException");
    }
  }

  private static RabbitMqTransport transport(int port, String host, TlsSource identity) {
    return RabbitMqTransport.builder("amqps://guest:guest@" + host + ":" + port)
        .tls(identity)
        .build();
  }

  private static void send(EventSender sender, String id) throws Exception {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    sender.send(TOPIC.get(0), EventEnvelope.builder(id, "/s", "t").subject("k").build(), error -> {
      var unused = error == null ? sent.complete(null) : sent.completeExceptionally(error);
    });
    sent.get(30, TimeUnit.SECONDS);
  }

  private KeyStore keys(String name, String host) throws Exception {
    Path file = folder.resolve(name + ".p12");
    ChildProcess.builder("keytool")
        .command(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "self",
            "-keyalg",
            "EC",
            "-dname",
            "CN=" + name,
            "-ext",
            "san=" + host,
            "-storetype",
            "PKCS12",
            "-keystore",
            file.toString(),
            "-storepass",
            PASSWORD)
        .run();
    return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
  }

  private static SSLContext trusting(KeyStore keys) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("other", keys.getCertificate("self"));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private Path pem(String what, byte[] der) throws Exception {
    String text = Base64.getMimeEncoder().encodeToString(der);
    return Files.writeString(
        Files.createTempFile(folder, "broker", ".pem"),
        "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
  }

  private static final class Identity implements TlsSource {
    private final SSLContext context;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger generation = new AtomicInteger();

    private Identity(SSLContext context) {
      this.context = context;
    }

    @Override
    public SSLContext context(String peer) {
      assertThat(peer).isEqualTo("rabbitmq");
      asked.incrementAndGet();
      return context;
    }

    @Override
    public long generation() {
      return generation.get();
    }

    @Override
    public Registration onChange(Runnable listener) {
      return () -> {};
    }
  }
}
