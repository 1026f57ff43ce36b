package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;

class RedisServerTest {
  private final ExecutorService forks = Executors.newCachedThreadPool();
  private RedisServer redis;

  @BeforeEach
  void start() {
    redis = RedisServer.builder().setting("maxmemory", "12mb").start();
  }

  @AfterEach
  void close() {
    forks.shutdown();
    redis.close();
  }

  @Test
  void restart_afterKill_hasTheSamePortAndData() {
    try (RedisClient client = RedisClient.create(redis.host(), redis.port())) {
      client.set("answer", "42");
      redis.kill();
      assertThatThrownBy(() -> client.get("answer")).isInstanceOf(JedisConnectionException.class);
    }

    redis.restart();

    try (RedisClient client = RedisClient.create(redis.host(), redis.port())) {
      assertThat(client.get("answer")).isEqualTo("42");
      assertThat(client.info("memory")).contains("maxmemory:12582912");
      assertThat(client.info("server")).contains("redis_version:6.2.11");
    }
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> RedisServer.builder().port(redis.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)redis: .*its port is taken \\(log: /.*\\.log\\)");
  }

  @Test
  void start_whileOtherProcessesStart_neverFindsItsProgramBusy() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    Callable<Void> starts = () -> {
      while (!enough.get()) {
        new ProcessBuilder("true").start().waitFor();
      }
      return null;
    };
    List<Future<Void>> others =
        Stream.generate(() -> forks.submit(starts)).limit(8).toList();

    try {
      for (int i = 0; i < 20; i++) {
        RedisServer.start().close();
      }
    } finally {
      enough.set(true);
    }

    for (Future<Void> other : others) {
      other.get();
    }
  }

  @Test
  void start_withBadSetting_namesIt() {
    assertThatThrownBy(() -> RedisServer.builder().setting("maxmemory", "a lot").start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageContaining("redis: ended with code 1");
  }
}
