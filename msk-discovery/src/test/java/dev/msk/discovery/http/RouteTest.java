package dev.msk.discovery.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.testing.ManualTime;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Lease;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.http.Route.Failure;
import dev.msk.discovery.spi.DiscoverySource;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a call goes after each kind of failure. Of instances with equal load, the first in the list is drawn. */
final class RouteTest {

  private static final Instance A = Instance.builder("orders", "10.0.0.1", 80).build();
  private static final Instance B = Instance.builder("orders", "10.0.0.2", 80).build();
  private static final Instance C = Instance.builder("orders", "10.0.0.3", 80).build();

  private final RetryBudget budget = new RetryBudget(ManualTime.create());

  @Test
  void untriedInstance_comesFirst() {
    Route route = route(3, A, B);

    assertThat(at(route.first())).contains(A);
    assertThat(at(route.next(A, Failure.BROKEN))).contains(B);
  }

  @ParameterizedTest
  @EnumSource(names = {"NO_CONNECTION", "BROKEN"})
  void livingInstanceThatWasSlow_isTriedAgain_whenTheOtherIsDead(Failure slow) {
    Route route = route(3, A, B);
    assertThat(at(route.first())).contains(A);
    assertThat(at(route.next(A, slow))).contains(B);

    assertThat(at(route.next(B, Failure.REFUSED))).contains(A);
  }

  @ParameterizedTest
  @EnumSource(names = {"NO_CONNECTION", "BROKEN"})
  void onlyInstance_isTriedAgain_whenItMayDoBetter(Failure slow) {
    Route route = route(3, A);
    assertThat(at(route.first())).contains(A);

    assertThat(at(route.next(A, slow))).contains(A);
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "DISTRUST", "UNAVAILABLE"})
  void instanceThatSaidNo_isNotAskedTwice(Failure no) {
    Route route = route(3, A, B);
    assertThat(at(route.first())).contains(A);
    assertThat(at(route.next(A, no))).contains(B);

    assertThat(at(route.next(B, no))).isEmpty();
  }

  @Test
  void attempts_areBounded() {
    Route route = route(2, A, B);
    assertThat(at(route.first())).contains(A);
    route.attempted();
    assertThat(at(route.next(A, Failure.BROKEN))).contains(B);
    route.attempted();

    assertThat(at(route.next(B, Failure.BROKEN))).isEmpty();
  }

  @Test
  void instanceThatRefused_takesNoAttemptFromTheOthers() {
    Route route = route(2, A, B, C);
    assertThat(at(route.first())).contains(A);
    route.attempted();
    assertThat(at(route.next(A, Failure.REFUSED))).isPresent();
    route.attempted();
    assertThat(at(route.next(B, Failure.BROKEN))).contains(C);
    route.attempted();

    assertThat(at(route.next(C, Failure.BROKEN))).isEmpty();
  }

  @Test
  void refusals_areBounded() {
    Instance[] dead = IntStream.range(0, 2 * Route.MAX_REFUSALS)
        .mapToObj(n -> Instance.builder("orders", "10.0.1." + n, 8080).build())
        .toArray(Instance[]::new);
    Route route = route(2, dead);
    int tried = 0;
    for (Optional<Lease> lease = route.first();
        lease.isPresent();
        lease = route.next(at(lease).orElseThrow(), Failure.REFUSED)) {
      route.attempted();
      tried++;
    }

    assertThat(tried).isEqualTo(Route.MAX_REFUSALS);
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void emptyBudget_endsWhatArrived_andNothingElse(Failure failure) {
    while (budget.tryRetry()) {
      assertThat(budget).isNotNull();
    }
    Route route = route(3, A, B);
    assertThat(at(route.first())).contains(A);

    boolean isRepeated = failure == Failure.REFUSED || failure == Failure.NO_CONNECTION;
    assertThat(at(route.next(A, failure)).isPresent()).isEqualTo(isRepeated);
  }

  @Test
  void failures_areToldApart() {
    assertThat(Failure.of(new ConnectException("refused"))).isEqualTo(Failure.REFUSED);
    assertThat(Failure.of(new HttpConnectTimeoutException("late")))
        .isEqualTo(Failure.NO_CONNECTION);
    assertThat(Failure.of(new HttpTimeoutException("late"))).isEqualTo(Failure.BROKEN);
    assertThat(Failure.of(new SSLHandshakeException("another name"))).isEqualTo(Failure.DISTRUST);
    assertThat(Failure.of(new EOFException())).isEqualTo(Failure.BROKEN);
  }

  private Route route(int maxAttempts, Instance... instances) {
    ServiceDiscovery discovery =
        ServiceDiscovery.builder(DiscoverySource.fixed(List.of(instances))).build();
    LoadBalancer balancer = LoadBalancer.leastLoaded(discovery).random(() -> 0L).build();
    return new Route(balancer, "orders", budget, maxAttempts);
  }

  /** Where it goes; that attempt is over at once. */
  private static Optional<Instance> at(Optional<Lease> lease) {
    lease.ifPresent(taken -> taken.done(Lease.Outcome.FAILED, 1));
    return lease.map(Lease::instance);
  }
}
