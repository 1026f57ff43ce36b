package dev.msk.observability.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.discovery.Instance;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.testing.InMemoryRegistry;
import dev.msk.observability.health.Health;
import dev.msk.observability.health.HealthCheck;
import dev.msk.observability.health.HealthStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class InstancesCheckTest {

  private final ManualTime time = ManualTime.create();
  private final InMemoryRegistry registry = InMemoryRegistry.create();
  private final ServiceDiscovery discovery =
      ServiceDiscovery.builder(registry).clock(time).build();
  private final HealthCheck check =
      InstancesCheck.of(discovery, "orders", Duration.ofMinutes(10), time);

  @AfterEach
  void close() {
    discovery.close();
  }

  @Test
  void instanceThatIsUp_isUp() throws Exception {
    registry.answer("orders", List.of(instance("o-1", Instance.State.UP), down("o-2")));

    assertThat(check.check())
        .isEqualTo(Health.up().with("instances", "1").with("list", "live").with("age", "0 s"));
  }

  @Test
  void nobodyWhoIsUp_isDown() throws Exception {
    registry.answer("orders", List.of(down("o-1")));

    Health health = check.check();

    assertThat(health.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(health.data()).containsEntry("reason", "no instance is up");
  }

  @Test
  void registryThatIsAway_isSeen_andIsDownOnceTheListIsTooOld() throws Exception {
    registry.answer("orders", List.of(instance("o-1", Instance.State.UP)));
    assertThat(check.check().status()).isEqualTo(HealthStatus.UP);

    registry.fail(new IOException("connection refused to 10.0.0.7"));
    time.advance(Duration.ofMinutes(10));
    Health old = check.check();
    time.advance(Duration.ofSeconds(1));
    Health tooOld = check.check();

    assertThat(old)
        .isEqualTo(Health.up().with("instances", "1").with("list", "stale").with("age", "600 s"));
    assertThat(tooOld.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(tooOld.data())
        .containsEntry("reason", "list is too old")
        .noneSatisfy((key, value) -> assertThat(value).contains("10.0.0.7"));
  }

  @Test
  void beforeTheFirstAnswer_nobodyKnows() throws Exception {
    ServiceDiscovery silent =
        ServiceDiscovery.builder((service, sink) -> () -> {}).clock(time).build();

    assertThat(InstancesCheck.of(silent, "orders", Duration.ofMinutes(10), time).check())
        .isEqualTo(Health.unknown("registry has not answered yet"));
    silent.close();
  }

  @Test
  void ageOfZero_isRefused() {
    assertThatThrownBy(() -> InstancesCheck.of(discovery, "orders", Duration.ZERO))
        .hasMessage("maxAge: PT0S (expected: > 0)");
  }

  private static Instance down(String id) {
    return instance(id, Instance.State.DOWN);
  }

  private static Instance instance(String id, Instance.State state) {
    return Instance.builder("orders", "10.0.0.8", 8443).id(id).state(state).build();
  }
}
