package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;

class RedisServerTest {
  private RedisServer redis;

  @BeforeEach
  void start() {
    redis = RedisServer.builder().setting("maxmemory", "12mb").start();
  }

  @AfterEach
  void close() {
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
  void start_withBadSetting_namesIt() {
    assertThatThrownBy(() -> RedisServer.builder().setting("maxmemory", "a lot").start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageContaining("redis: ended with code 1");
  }
}
