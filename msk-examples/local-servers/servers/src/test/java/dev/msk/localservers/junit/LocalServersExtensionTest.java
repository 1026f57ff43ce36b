package dev.msk.localservers.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.RedisServer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

@WithServers
class LocalServersExtensionTest {
  private static RedisServer ofClass;
  private final RedisServer ofConstructor;

  LocalServersExtensionTest(RedisServer redis) {
    ofConstructor = redis;
  }

  @BeforeAll
  static void keep(RedisServer redis) {
    ofClass = redis;
  }

  @Test
  void parameters_areTheSameServer_everywhere(RedisServer redis) {
    assertThat(redis).isSameAs(ofClass).isSameAs(ofConstructor);
    assertThat(redis.isAlive()).isTrue();
  }

  @RepeatedTest(2)
  void server_thatATestKilled_isBackForTheNext(RedisServer redis) {
    assertThat(redis.isAlive()).isTrue();
    redis.kill();
  }

  @Nested
  class Inner {
    @Test
    void nestedClass_getsTheSame(RedisServer redis, PostgresServer postgres) {
      assertThat(redis).isSameAs(ofClass);
      assertThat(redis.isAlive()).isTrue();
      assertThat(postgres.newDatabase()).startsWith("jdbc:postgresql://127.0.0.1:");
    }
  }
}
