package dev.msk.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.discovery.spi.DiscoverySource;
import dev.msk.discovery.testing.InMemoryRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class FallbackSourceTest implements DiscoverySource.Sink {

  private static final Instance FIRST =
      Instance.builder("orders", "10.0.0.1", 8080).build();
  private static final Instance SECOND =
      Instance.builder("orders", "10.0.0.2", 8080).build();

  private final InMemoryRegistry registry = InMemoryRegistry.create();
  private final InMemoryRegistry spare = InMemoryRegistry.create();
  private final DiscoverySource source = DiscoverySource.fallback(List.of(registry, spare));
  private final List<Object> reports = new ArrayList<>();

  @Override
  public void instances(List<Instance> instances) {
    reports.add(instances);
  }

  @Override
  public void failed(Throwable cause) {
    reports.add(cause);
  }

  @Test
  void firstThatKnowsSomebody_isReported() {
    registry.register(FIRST);
    spare.register(SECOND);

    source.watch("orders", this);

    assertThat(reports).containsOnly(List.of(FIRST));
  }

  @Test
  void whileTheFirstIsAway_theNextIsReported() {
    registry.register(FIRST);
    spare.register(SECOND);
    source.watch("orders", this);

    registry.fail(new IOException("away"));
    assertThat(last()).isEqualTo(List.of(SECOND));

    registry.recover();
    assertThat(last()).isEqualTo(List.of(FIRST));
  }

  @Test
  void whileTheFirstKnowsNobody_theNextIsReported() {
    spare.register(SECOND);

    source.watch("orders", this);

    assertThat(last()).isEqualTo(List.of(SECOND));
  }

  @Test
  void whileNobodyKnowsAnybody_theListIsEmpty_evenIfOneIsAway() {
    registry.fail(new IOException("away"));

    source.watch("orders", this);

    assertThat(last()).isEqualTo(List.of());
  }

  @Test
  void whenAllAreAway_theFirstFailureIsReported() {
    IOException away = new IOException("away");
    registry.fail(away);
    spare.fail(new IOException("away too"));

    source.watch("orders", this);

    assertThat(last()).isSameAs(away);
  }

  @Test
  void beforeTheFirstHasAnswered_nothingIsReported() {
    List<DiscoverySource.Sink> pending = new ArrayList<>();
    DiscoverySource slow = (service, sink) -> {
      pending.add(sink);
      return () -> {};
    };
    spare.register(SECOND);

    DiscoverySource.fallback(List.of(slow, spare)).watch("orders", this);
    assertThat(reports).isEmpty();

    pending.get(0).failed(new IOException("not yet"));
    assertThat(reports).containsExactly(List.of(SECOND));
  }

  @Test
  void closed_reportsNothingMore() {
    Subscription subscription = source.watch("orders", this);
    int before = reports.size();

    subscription.close();
    Stream.of(registry, spare).forEach(each -> each.register(FIRST));

    assertThat(reports).hasSize(before);
  }

  @Test
  void noSource_isRefused() {
    assertThatThrownBy(() -> DiscoverySource.fallback(List.of()))
        .hasMessage("sources: none (expected: one or more)");
  }

  private Object last() {
    return reports.get(reports.size() - 1);
  }
}
