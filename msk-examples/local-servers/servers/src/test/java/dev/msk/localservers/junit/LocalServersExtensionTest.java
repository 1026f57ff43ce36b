package dev.msk.localservers.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.localservers.ConsulServer;
import dev.msk.localservers.KeycloakServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.RedisServer;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

@WithServers
class LocalServersExtensionTest {
  private static final String REPOSITORY = "local-servers.repository";
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

  @Test
  void keycloakThatIsMissing_isTold_toThoseWhoWantIt() throws Exception {
    String before = System.getProperty(REPOSITORY);
    System.setProperty(REPOSITORY, "/nowhere");
    try {
      assertThat(LocalServersExtension.missing(ByConstructor.class, Optional.empty()))
          .hasValueSatisfying(why -> assertThat(why).contains("-Pheavy"));
      assertThat(LocalServersExtension.missing(ByMethod.class, Optional.empty()))
          .isEmpty();
      assertThat(missing("with", KeycloakServer.class)).isPresent();
      assertThat(missing("without")).isEmpty();
    } finally {
      if (before == null) {
        System.clearProperty(REPOSITORY);
      } else {
        System.setProperty(REPOSITORY, before);
      }
    }
  }

  @Test
  void consulThatIsMissing_isTold_toThoseWhoWantIt() throws Exception {
    assertThat(missing("with", ConsulServer.class)).isEqualTo(ConsulServer.missing());
  }

  private static Optional<String> missing(String test, Class<?>... parameters) throws Exception {
    return LocalServersExtension.missing(
        ByMethod.class, Optional.of(ByMethod.class.getDeclaredMethod(test, parameters)));
  }

  record ByConstructor(KeycloakServer keycloak) {}

  private static final class ByMethod {
    @SuppressWarnings("unused")
    @Test
    void with(KeycloakServer keycloak) {}

    @SuppressWarnings("unused")
    @Test
    void with(ConsulServer consul) {}

    @SuppressWarnings("unused")
    @Test
    void without() {}
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
