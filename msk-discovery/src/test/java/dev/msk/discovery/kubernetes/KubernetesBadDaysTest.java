package dev.msk.discovery.kubernetes;

import static dev.msk.discovery.Eventually.eventually;

import dev.msk.discovery.Instance;
import dev.msk.discovery.baddays.BadDaysContract;
import dev.msk.discovery.spi.DiscoverySource;
import dev.msk.localservers.TcpProxy;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Against {@link KubernetesContractServer}. Instances have ports of their own here, and so slices of their own. */
final class KubernetesBadDaysTest extends BadDaysContract {

  private static final String READY = "";
  private static final String TERMINATING =
      ", \"conditions\": {\"ready\": false, \"serving\": true, \"terminating\": true}";

  private final KubernetesContractServer kubernetes;
  private final TcpProxy proxy;
  private final Map<String, List<Instance>> listed = new HashMap<>();

  KubernetesBadDaysTest() throws IOException {
    this.kubernetes = open(KubernetesContractServer.start());
    this.proxy = open(TcpProxy.to("127.0.0.1", kubernetes.uri("127.0.0.1").getPort()));
  }

  @Override
  protected DiscoverySource source() {
    return open(KubernetesSource.builder(
            URI.create("http://" + proxy.address()),
            "shop",
            workers.scheduler(),
            workers.executor())
        .build());
  }

  @Override
  protected void list(String service, List<Instance> instances) {
    List<Instance> before = listed.getOrDefault(service, List.of());
    listed.put(service, instances);
    instances.stream()
        .filter(instance -> !before.contains(instance))
        .forEach(instance -> put(instance, READY));
    List<String> gone = before.stream()
        .filter(instance -> !instances.contains(instance))
        .map(KubernetesBadDaysTest::slice)
        .toList();
    if (!gone.isEmpty()) {
      kubernetes.removeAtOnce(service, gone);
    }
  }

  private void put(Instance instance, String conditions) {
    kubernetes.put(instance.service(), slice(instance), """
        "addressType": "IPv4", "ports": [{"name": "%s", "port": %d}], "endpoints": [{"addresses": ["%s"],
          "targetRef": {"kind": "Pod", "name": "%s"}%s}]""".formatted(
            instance.tls() ? "https" : "http",
            instance.port(),
            instance.host(),
            slice(instance),
            conditions));
  }

  private static String slice(Instance instance) {
    return instance.service() + "-" + instance.port();
  }

  @Override
  protected void cut() {
    proxy.cut();
  }

  @Override
  protected void restore() {
    proxy.restore();
  }

  /** A watch without events reports when its timeout ends it. */
  @Override
  protected void sayAgain(String service) {
    kubernetes.bookmark(service);
  }

  @Override
  protected boolean isTold() {
    return true;
  }

  /** The watch is dead and does not know it; its timeout ends it, and the next one goes on from the same version. */
  @Override
  protected void changeUntold(ThrowingRunnable change) throws Exception {
    eventually("watched", () -> kubernetes.openWatches() == 1);
    kubernetes.deafen();
    change.run();
    kubernetes.endWatches();
  }

  /** Pods are entered by Kubernetes. */
  @Override
  protected List<String> registration() {
    return List.of();
  }

  /** The slice says so when the pod gets its SIGTERM. */
  @Override
  protected void terminating(String service, Instance staying, Instance leaving) {
    put(leaving, TERMINATING);
  }
}
