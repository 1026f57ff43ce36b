package dev.msk.discovery;

import static dev.msk.discovery.Fleet.SERVICE;
import static dev.msk.discovery.Fleet.calls;
import static dev.msk.discovery.Fleet.instances;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.discovery.Instance.State;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which part of a long list, and of a list over several zones, is called. */
final class LocalityTest {

  private static final PickContext ANY = PickContext.any();

  private final Fleet fleet = new Fleet();

  @Test
  void ownZone_isCalledAlone_whileItIsHealthy() {
    fleet.lists(Fleet.with(zone("a", 1, 10), zone("b", 11, 30)));

    assertThat(calls(inZone("a"), ANY, 1000)).hasSize(10).containsOnlyKeys(ids(1, 10));
  }

  @Test
  void aQuarterOfTheZoneDown_isBorneByTheRest() {
    fleet.lists(
        Fleet.with(Fleet.in(State.DOWN, zone("a", 1, 2)), zone("a", 3, 10), zone("b", 11, 30)));

    assertThat(calls(inZone("a"), ANY, 1000)).containsOnlyKeys(ids(3, 10));
  }

  @Test
  void whatIsTooMuchForTheZone_spillsOver_inProportion() {
    fleet.lists(
        Fleet.with(Fleet.in(State.DOWN, zone("a", 1, 5)), zone("a", 6, 10), zone("b", 11, 30)));

    Map<String, Integer> calls = calls(inZone("a"), ANY, 20_000);

    // Half of the zone with room for 1.4 times as much: 0.7 stay, over 5; 0.3 go over to 20 others.
    Map<String, Double> expected = new HashMap<>();
    IntStream.rangeClosed(6, 10).forEach(i -> expected.put("i" + i, 0.7 / 5));
    IntStream.rangeClosed(11, 30).forEach(i -> expected.put("i" + i, 0.3 / 20));
    assertThat(calls).containsOnlyKeys(expected.keySet());
    assertThat(Fleet.chiSquare(calls, expected))
        .as("25 cells, one in a thousand")
        .isLessThan(51.2);
  }

  @Test
  void zoneWithNobodyLeft_callsTheOthers() {
    fleet.lists(Fleet.with(Fleet.in(State.DOWN, zone("a", 1, 2)), zone("b", 3, 10)));

    assertThat(calls(inZone("a"), ANY, 1000)).containsOnlyKeys(ids(3, 10));
  }

  @Test
  void panic_knowsNoZones() {
    fleet.lists(Fleet.with(zone("a", 1, 2), Fleet.in(State.DOWN, zone("b", 3, 10))));

    assertThat(calls(inZone("a"), ANY, 1000)).containsOnlyKeys(ids(1, 10));
  }

  @Test
  void retry_leavesTheZone_whenAllOfItWereTried() {
    fleet.lists(Fleet.with(zone("a", 1, 2), zone("b", 3, 4)));
    LoadBalancer balancer = inZone("a");
    PickContext tried = ANY.excluding(zone("a", 1, 1).get(0));

    assertThat(calls(balancer, tried, 100)).containsOnlyKeys("i2");
    assertThat(calls(balancer, tried.excluding(zone("a", 2, 2).get(0)), 100))
        .containsOnlyKeys("i3", "i4");
  }

  @Test
  void zoneThatIsAskedFor_isTheOnlyOne() {
    fleet.lists(Fleet.with(zone("a", 1, 2), zone("b", 3, 4)));
    LoadBalancer balancer = inZone("a");

    assertThat(calls(balancer, ANY.zone("b"), 100)).containsOnlyKeys("i3", "i4");
    assertThat(balancer.pick(SERVICE, ANY.zone("c"))).isEmpty();
  }

  @Test
  void versionThatOnlyAnotherZoneHas_isFoundThere() {
    Instance canary = Fleet.instance(5).zone("b").version("2").build();
    fleet.lists(Fleet.with(zone("a", 1, 4), List.of(canary)));

    assertThat(calls(inZone("a"), ANY.version("2"), 10)).containsOnlyKeys("i5");
  }

  @Test
  void hundredInstances_areAllUsed_moreAreNot() {
    fleet.lists(instances(100));
    LoadBalancer balancer = LoadBalancer.weighted(fleet.discovery).build();
    assertThat(calls(balancer, ANY, 10_000)).hasSize(100);

    fleet.lists(instances(250));

    assertThat(calls(balancer, ANY, 10_000)).hasSize(100);
  }

  @Test
  void seed_saysWhichOnesAreUsed() {
    fleet.lists(instances(250));

    assertThat(used(1)).hasSize(20).isEqualTo(used(1)).isNotEqualTo(used(2));
  }

  @Test
  void subsetsOfManyClients_coverTheListEvenly() {
    fleet.lists(instances(100));

    Map<String, Integer> clients = new HashMap<>();
    for (int seed = 0; seed < 200; seed++) {
      used(seed).forEach(id -> clients.merge(id, 1, Integer::sum));
    }

    // 40 each. Without replacement they differ less than the statistic allows for.
    assertThat(Fleet.chiSquare(clients, Fleet.weights(instances(100)))).isLessThan(148);
    assertThat(clients.values()).allSatisfy(count -> assertThat(count).isBetween(20, 60));
  }

  @Test
  void instancesThatGo_areReplaced_andNobodyElse() {
    List<Instance> all = instances(250);
    fleet.lists(all);
    Set<String> before = used(4711);

    List<Instance> left =
        all.stream().filter(i -> Integer.parseInt(i.id().substring(1)) % 3 != 0).toList();
    fleet.lists(left);
    Set<String> after = used(4711);

    Set<String> stayed = new HashSet<>(before);
    stayed.retainAll(left.stream().map(Instance::id).collect(toSet()));
    assertThat(stayed).hasSizeLessThan(20);
    assertThat(after).hasSize(20).containsAll(stayed);
  }

  @Test
  void retry_leavesTheSubset_whenAllOfItWereTried() {
    fleet.lists(instances(10));
    LoadBalancer balancer =
        LoadBalancer.leastLoaded(fleet.discovery).subset(1).subsetSeed(1).build();
    Instance used = balancer.pick(SERVICE, ANY).orElseThrow().instance();

    assertThat(calls(balancer, ANY, 100)).containsOnlyKeys(used.id());
    assertThat(calls(balancer, ANY.excluding(used), 1000)).hasSize(9);
  }

  private Set<String> used(long seed) {
    LoadBalancer balancer =
        LoadBalancer.roundRobin(fleet.discovery).subset(20).subsetSeed(seed).build();
    return calls(balancer, ANY, 20).keySet();
  }

  private LoadBalancer inZone(String zone) {
    return LoadBalancer.leastLoaded(fleet.discovery)
        .zone(zone)
        .random(new SplittableRandom(4711))
        .ticker(fleet.time)
        .build();
  }

  private static List<Instance> zone(String zone, int first, int last) {
    return IntStream.rangeClosed(first, last)
        .mapToObj(number -> Fleet.instance(number).zone(zone).build())
        .toList();
  }

  private static String[] ids(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(i -> "i" + i).toArray(String[]::new);
  }
}
