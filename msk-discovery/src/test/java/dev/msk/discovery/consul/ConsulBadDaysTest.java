package dev.msk.discovery.consul;

import static dev.msk.discovery.Eventually.eventually;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.discovery.Instance;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.baddays.BadDaysContract;
import dev.msk.discovery.baddays.RegistryFront;
import dev.msk.discovery.spi.DiscoverySource;
import dev.msk.localservers.ConsulServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.junit.WithServers;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A real agent. What it lists without an agent of its own stands in the catalog, on a node that nobody checks. */
@WithServers
final class ConsulBadDaysTest extends BadDaysContract {

  private static final Duration WAIT = Duration.ofSeconds(2);
  private static final String FAR_AHEAD = "index=" + (1L << 62);

  private final ConsulServer consul;
  private final String node = "rack-" + UUID.randomUUID();
  private final Map<String, List<Instance>> listed = new HashMap<>();
  private final RegistryFront front;
  private final TcpProxy proxy;

  ConsulBadDaysTest(ConsulServer consul) throws IOException {
    this.consul = consul;
    consul.api("PUT", "/v1/catalog/register", """
        {"Node": "%s", "Address": "127.0.0.1"}""".formatted(node));
    open(() -> consul.api("PUT", "/v1/catalog/deregister", """
            {"Node": "%s"}""".formatted(node)));
    this.front = open(RegistryFront.to(consul.httpUri()));
    this.proxy = open(TcpProxy.to("127.0.0.1", front.port()));
  }

  @Override
  protected DiscoverySource source() {
    return open(QuickConsul.builder(URI.create("http://" + proxy.address()), workers)
        .wait(WAIT)
        .build());
  }

  /** By a transaction: all that leave do so at one index. */
  @Override
  protected void list(String service, List<Instance> instances) {
    List<Instance> before = listed.getOrDefault(service, List.of());
    listed.put(service, instances);
    Stream<String> gone = before.stream()
        .filter(instance -> !instances.contains(instance))
        .map(instance -> operation("delete", instance));
    Stream<String> there = instances.stream().map(instance -> operation("set", instance));
    consul.api("PUT", "/v1/txn", Stream.concat(gone, there).collect(joining(", ", "[", "]")));
  }

  private String operation(String verb, Instance instance) {
    return """
        {"Service": {"Verb": "%s", "Node": "%s", "Service": {"ID": "%s", "Service": "%s", "Address": "%s", "Port": %d,
          "Weights": {"Passing": 1, "Warning": 1}, "Meta": {"secure": "%s"}}}}""".formatted(
            verb,
            node,
            instance.id(),
            instance.service(),
            instance.host(),
            instance.port(),
            instance.tls());
  }

  @Override
  protected void cut() {
    proxy.cut();
  }

  @Override
  protected void restore() {
    proxy.restore();
  }

  @Override
  protected boolean isTold() {
    return true;
  }

  /** Waits for an index that no change reaches: the agent wakes nobody until the wait is over, as with its lost wake-ups. */
  @Override
  protected void changeUntold(ThrowingRunnable change) throws Exception {
    int before = front.questions().size();
    front.onQuestion(question -> question.replaceAll("index=\\d+", FAR_AHEAD));
    eventually("a query that nothing wakes", () -> front.questions().size() > before);
    change.run();
  }

  @Override
  protected List<String> registration() {
    return List.of("consul", consul.httpUri().toString());
  }

  @Override
  protected void terminating(String service, Instance staying, Instance leaving) {
    throw new AssertionError("an instance says itself that it drains");
  }

  /**
   * As after a restore from an older snapshot: the front runs ahead of the agent's index, and then does not. That an agent begins again
   * because it has lost all that it knew is {@link ConsulOutageTest}'s business.
   */
  @Test
  void indexThatGoesBackwards_isAskedForAnew_andNoChangeIsMissed() throws Exception {
    String service = "backwards-" + UUID.randomUUID();
    List<Instance> three = IntStream.range(7001, 7004)
        .mapToObj(port -> Instance.builder(service, "127.0.0.1", port).build())
        .toList();
    runAhead(1_000_000);
    list(service, three.subList(0, 1));
    ServiceDiscovery discovery = open(ServiceDiscovery.builder(source()).build());
    eventually("listed", () -> discovery.current(service).instances().size() == 1);
    eventually("asked from there on", () -> lastQuestion().contains("index=100"));

    runAhead(0);
    int before = front.questions().size();
    list(service, three.subList(0, 2));
    eventually("found", () -> discovery.current(service).instances().size() == 2);
    list(service, three);
    eventually("told again", () -> discovery.current(service).instances().size() == 3);

    assertThat(front.questions().subList(before, front.questions().size()))
        .contains("/v1/health/service/" + service);
  }

  private String lastQuestion() {
    List<String> questions = front.questions();
    return questions.get(questions.size() - 1);
  }

  private void runAhead(long by) {
    front.onAnswer(answer -> answer.index().isEmpty()
        ? answer
        : answer.withIndex(String.valueOf(Long.parseLong(answer.index()) + by)));
    front.onQuestion(question -> {
      int at = question.indexOf("index=") + "index=".length();
      if (at < "index=".length()) {
        return question;
      }
      int end = question.indexOf('&', at);
      long index = Long.parseLong(question.substring(at, end)) - by;
      return question.substring(0, at) + index + question.substring(end);
    });
  }
}
