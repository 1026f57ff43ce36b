package dev.msk.discovery;

import static dev.msk.discovery.Instance.State.DRAINING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.discovery.testing.InMemoryRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the registry says, and what is made of it. */
final class GuardTest {

  private final ManualTime time = ManualTime.create();
  private final InMemoryRegistry registry = InMemoryRegistry.create();
  private final ServiceDiscovery discovery =
      ServiceDiscovery.builder(registry).clock(time).build();

  @Test
  void emptyAnswer_isNeverBelieved() {
    answer(up(1, 2, 3));

    answer(List.of());
    time.advance(Duration.ofDays(1));
    answer(List.of());

    assertThat(now().instances()).containsExactlyElementsOf(up(1, 2, 3));
    assertThat(now().freshness()).isEqualTo(Freshness.STALE);
    assertThat(now().age(time)).contains(Duration.ofDays(1));
  }

  @Test
  void half_mayVanishAtOnce() {
    answer(up(1, 2, 3, 4));

    answer(up(3, 4));

    assertThat(now().instances()).containsExactlyElementsOf(up(3, 4));
    assertThat(now().freshness()).isEqualTo(Freshness.LIVE);
  }

  @Test
  void moreThanHalf_isHeld_untilItHasBeenSaidForAMinute() {
    answer(up(1, 2, 3, 4, 5));
    time.advance(Duration.ofSeconds(30));

    answer(up(1, 2));
    assertThat(now().instances()).containsExactlyInAnyOrderElementsOf(up(1, 2, 3, 4, 5));
    assertThat(now().age(time)).contains(Duration.ofSeconds(30));

    time.advance(Duration.ofSeconds(59));
    answer(up(1, 2));
    assertThat(now().instances()).hasSize(5);

    time.advance(Duration.ofSeconds(1));
    answer(up(1, 2));
    assertThat(now().instances()).containsExactlyElementsOf(up(1, 2));
    assertThat(now().freshness()).isEqualTo(Freshness.LIVE);
  }

  @Test
  void heldLoss_thatIsTakenBack_beginsAnew() {
    answer(up(1, 2, 3));
    answer(up(1));
    time.advance(Duration.ofSeconds(59));
    answer(up(1, 2, 3));
    assertThat(now().freshness()).isEqualTo(Freshness.LIVE);

    time.advance(Duration.ofSeconds(10));
    answer(up(1));

    assertThat(now().instances()).hasSize(3);
  }

  @Test
  void newInstances_areUsed_whileOthersAreHeld() {
    answer(up(1, 2, 3, 4, 5));

    answer(up(6));

    assertThat(now().instances()).containsExactlyInAnyOrderElementsOf(up(1, 2, 3, 4, 5, 6));
  }

  @Test
  void registryThatWasRestarted_isNotBelieved_untilAllHaveRegisteredAgain() {
    answer(up(1, 2, 3, 4));
    registry.fail(new IOException("away"));
    time.advance(Duration.ofHours(1));
    registry.recover();

    for (List<Instance> known : List.of(List.<Instance>of(), up(4), up(4, 2), up(4, 2, 1))) {
      answer(known);
      assertThat(now().instances()).containsExactlyInAnyOrderElementsOf(up(1, 2, 3, 4));
      time.advance(Duration.ofSeconds(19));
    }
    answer(up(1, 2, 3, 4));

    assertThat(now().freshness()).isEqualTo(Freshness.LIVE);
  }

  @Test
  void registryThatKnewNobody_isNotBelieved_untilAllHaveRegisteredAgain() {
    answer(up(1, 2, 3));
    answer(List.of());
    time.advance(Duration.ofHours(1));

    answer(up(2, 3));
    assertThat(now().instances()).hasSize(3);
    time.advance(Duration.ofSeconds(59));
    answer(up(2, 3));
    assertThat(now().instances()).hasSize(3);
  }

  @Test
  void instanceThatDiedWhileTheRegistryWasAway_isKeptForAMinute() {
    answer(up(1, 2, 3));
    registry.fail(new IOException("away"));
    time.advance(Duration.ofHours(1));
    registry.recover();
    answer(up(1, 2));
    assertThat(now().instances()).hasSize(3);
    assertThat(now().freshness()).isEqualTo(Freshness.STALE);

    time.advance(Duration.ofMinutes(1));
    answer(up(1, 2));

    assertThat(now().instances()).containsExactlyElementsOf(up(1, 2));
    assertThat(now().freshness()).isEqualTo(Freshness.LIVE);
  }

  @Test
  void aMinuteAfterTheRegistryWasAway_itIsBelievedAgain() {
    answer(up(1, 2, 3));
    registry.fail(new IOException("away"));
    registry.recover();
    assertThat(now().freshness()).isEqualTo(Freshness.LIVE);
    time.advance(Duration.ofMinutes(1));

    answer(up(1, 2));

    assertThat(now().instances()).containsExactlyElementsOf(up(1, 2));
    assertThat(now().freshness()).isEqualTo(Freshness.LIVE);
  }

  @Test
  void newInstances_inPlaceOfThoseThatAreHeld_endTheDoubt() {
    answer(up(1, 2, 3));
    answer(up(4));
    assertThat(now().instances()).hasSize(4);

    answer(up(4, 5, 6));

    assertThat(now().instances()).containsExactlyElementsOf(up(4, 5, 6));
  }

  @Test
  void instanceThatCameBackElsewhere_isNoLoss() {
    answer(up(1));

    answer(up(2));

    assertThat(now().instances()).containsExactlyElementsOf(up(2));
    assertThat(now().freshness()).isEqualTo(Freshness.LIVE);
  }

  @Test
  void instancesThatDrained_leaveUnquestioned() {
    answer(up(1, 2));
    answer(up(1, 2).stream().map(instance -> instance.withState(DRAINING)).toList());

    answer(List.of());

    assertThat(now().instances()).isEmpty();
    assertThat(now().freshness()).isEqualTo(Freshness.LIVE);
  }

  @Test
  void sameAnswer_makesNoNewVersion_butANewAge() {
    answer(up(1));
    Snapshot first = now();
    time.advance(Duration.ofSeconds(30));

    answer(up(1));

    assertThat(now().version()).isEqualTo(first.version());
    assertThat(now().instances()).isSameAs(first.instances());
    assertThat(now().age(time)).contains(Duration.ZERO);
  }

  @Test
  void closed_followsNothingMore_andStaysReadable() {
    answer(up(1));
    discovery.close();
    discovery.close();

    answer(up(1, 2));

    assertThat(now().instances()).containsExactlyElementsOf(up(1));
    assertThatThrownBy(() -> discovery.current("payments"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("payments: this discovery is closed");
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> ServiceDiscovery.builder(registry)
            .maxLoss(1.5)
            .confirmLossAfter(Duration.ofSeconds(-1))
            .build())
        .hasMessage("maxLoss: 1.5 (expected: 0 to 1); "
            + "confirmLossAfter: PT-1S (expected: zero or more)");
  }

  private void answer(List<Instance> instances) {
    var unused = discovery.current("orders");
    registry.answer("orders", instances);
  }

  private Snapshot now() {
    return discovery.current("orders");
  }

  private static List<Instance> up(int... numbers) {
    return IntStream.of(numbers)
        .mapToObj(number -> Instance.builder("orders", "10.0.0." + number, 8080).build())
        .toList();
  }
}
