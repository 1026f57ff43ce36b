package dev.msk.discovery.http;

import static org.assertj.core.api.Assertions.assertThat;

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

  @Test
  void untriedInstance_comesFirst() {
    Route route = route(A, B);

    assertThat(at(route.first())).contains(A);
    assertThat(at(route.next(A, Failure.BROKEN))).contains(B);
  }

  @ParameterizedTest
  @EnumSource(names = {"NO_CONNECTION", "BROKEN"})
  void livingInstanceThatWasSlow_isTriedAgain_whenTheOtherIsDead(Failure slow) {
    Route route = route(A, B);
    assertThat(at(route.first())).contains(A);
    assertThat(at(route.next(A, slow))).contains(B);

    assertThat(at(route.next(B, Failure.REFUSED))).contains(A);
  }

  @ParameterizedTest
  @EnumSource(names = {"NO_CONNECTION", "BROKEN"})
  void onlyInstance_isTriedAgain_whenItMayDoBetter(Failure slow) {
    Route route = route(A);
    assertThat(at(route.first())).contains(A);

    assertThat(at(route.next(A, slow))).contains(A);
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "DISTRUST", "UNAVAILABLE"})
  void instanceThatSaidNo_isNotAskedTwice(Failure no) {
    Route route = route(A, B);
    assertThat(at(route.first())).contains(A);
    assertThat(at(route.next(A, no))).contains(B);

    assertThat(at(route.next(B, no))).isEmpty();
  }

  @Test
  void refusals_areBounded() {
    Instance[] dead = IntStream.range(0, 2 * Route.MAX_REFUSALS)
        .mapToObj(n -> Instance.builder("orders", "10.0.1." + n, 8080).build())
        .toArray(Instance[]::new);
    assertThat(tried(route(dead), Failure.REFUSED)).isEqualTo(Route.MAX_REFUSALS);
  }

  @Test
  void connectionsThatDoNotCome_areBounded() {
    Instance[] silent = IntStream.range(0, 2 * Route.MAX_SILENCES)
        .mapToObj(n -> Instance.builder("orders", "10.0.1." + n, 8080).build())
        .toArray(Instance[]::new);

    assertThat(tried(route(silent), Failure.NO_CONNECTION)).isEqualTo(Route.MAX_SILENCES);
  }

  @Test
  void afterAWait_theLivingOneIsAskedAgain() {
    Route route = route(A);
    assertThat(at(route.first())).contains(A);
    assertThat(at(route.next(A, Failure.BROKEN))).contains(A);

    assertThat(at(route.again())).contains(A);
  }

  @Test
  void openBreaker_sendsTheCallElsewhere() {
    Route route = route(A, B, C);
    Lease picked = route.first().orElseThrow();
    assertThat(picked.instance()).isEqualTo(A);

    Lease admitted = route.admitted(picked, C::equals);

    assertThat(admitted.instance()).isEqualTo(C);
    admitted.done(Lease.Outcome.OK, 1);
    assertThat(at(route.first())).as("no claim is left on those passed over").contains(A);
  }

  @Test
  void openBreakers_ofAll_stopNobody() {
    Route route = route(A, B, C);

    Lease admitted = route.admitted(route.first().orElseThrow(), instance -> false);

    assertThat(admitted.instance()).isEqualTo(A);
    admitted.done(Lease.Outcome.OK, 1);
    assertThat(at(route.first())).as("no claim is left on those passed over").contains(A);
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

  private static int tried(Route route, Failure failure) {
    int tried = 0;
    for (Optional<Lease> lease = route.first();
        lease.isPresent();
        lease = route.next(at(lease).orElseThrow(), failure)) {
      tried++;
    }
    return tried;
  }

  private static Route route(Instance... instances) {
    ServiceDiscovery discovery =
        ServiceDiscovery.builder(DiscoverySource.fixed(List.of(instances))).build();
    LoadBalancer balancer = LoadBalancer.leastLoaded(discovery).random(() -> 0L).build();
    return new Route(balancer, "orders");
  }

  /** Where it goes; that attempt is over at once. */
  private static Optional<Instance> at(Optional<Lease> lease) {
    lease.ifPresent(taken -> taken.done(Lease.Outcome.FAILED, 1));
    return lease.map(Lease::instance);
  }
}
