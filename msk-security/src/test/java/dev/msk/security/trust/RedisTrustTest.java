package dev.msk.security.trust;

import static dev.msk.security.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.Scheduler;
import dev.msk.localservers.RedisServer;
import dev.msk.security.LiveTls;
import dev.msk.security.SecurityEvents;
import dev.msk.security.testing.TestCa;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Redis behind TLS, by Jedis and its pool. */
@Timeout(180)
final class RedisTrustTest {

  private final TestCa own = TestCa.create("shop.example");
  private final TestCa leaves = TestCa.create("shop.example");
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  @TempDir
  private Path folder;

  private RedisServer server;
  private Service redis;
  private Service orders;
  private TlsTunnel tunnel;
  private RedisClient client;

  @BeforeEach
  @SuppressWarnings("deprecation") // Jedis's other way takes files of keys, and no factory.
  void start() throws Exception {
    Scheduler scheduler = Scheduler.of(clock);
    server = RedisServer.start();
    redis =
        Service.of(folder.resolve("redis"), "redis", leaves, scheduler, SecurityEvents.none(), own);
    orders = Service.of(
        folder.resolve("orders"), "orders", own, scheduler, SecurityEvents.none(), leaves);
    tunnel = TlsTunnel.to(server.port(), redis.identity().context("clients"));
    client = RedisClient.builder()
        .hostAndPort(new HostAndPort("127.0.0.1", tunnel.port()))
        .clientConfig(DefaultJedisClientConfig.builder()
            .ssl(true)
            .sslSocketFactory(LiveTls.socketFactory(orders.identity(), "redis"))
            .build())
        .build();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    tunnel.close();
    orders.close();
    redis.close();
    server.close();
    clock.shutdownNow();
  }

  @Test
  void serverThatIsNotTrustedAnyMore_getsNothingMore() throws Exception {
    assertThat(client.set("a", "1")).isEqualTo("OK");

    orders.write();

    long from = System.nanoTime();
    eventually("refused", () -> {
      try {
        return client.get("a").isEmpty();
      } catch (JedisConnectionException e) {
        return true;
      }
    });
    assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(1));
    assertThatThrownBy(() -> client.get("a")).isInstanceOf(JedisConnectionException.class);
    assertThat(client.getPool().getNumIdle()).isZero();
  }

  @Test
  void exchanges_failNoCommand() {
    TestCa comes = TestCa.create("shop.example");

    for (int round = 0; round < 100; round++) {
      orders.exchange(leaves, comes);
      assertThat(client.set("a", Integer.toString(round))).isEqualTo("OK");
      assertThat(client.get("a")).isEqualTo(Integer.toString(round));
    }
  }
}
