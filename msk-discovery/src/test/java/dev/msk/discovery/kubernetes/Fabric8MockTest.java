package dev.msk.discovery.kubernetes;

import static dev.msk.discovery.Eventually.eventually;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.Workers;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceList;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Against the mock of fabric8: slices that another implementation's model has written, kept and selected by another's server. It tells changes by
 * WebSocket alone and fails a watch over HTTP, so that each is found by the list that follows the failure.
 */
@Timeout(60)
final class Fabric8MockTest {

  private final KubernetesMockServer kubernetes = new KubernetesMockServer(
      new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
  private final Workers workers = new Workers();
  private NamespacedKubernetesClient client;
  private KubernetesSource source;
  private ServiceDiscovery discovery;
  private Subscription subscription;

  @BeforeEach
  void open() {
    kubernetes.init(InetAddress.getLoopbackAddress(), 0);
    client = kubernetes.createClient();
    source = KubernetesSource.builder(
            URI.create("http://127.0.0.1:" + kubernetes.getPort()),
            "shop",
            workers.scheduler(),
            workers.executor())
        .build();
    discovery = ServiceDiscovery.builder(source)
        .maxLoss(1)
        .confirmLossAfter(Duration.ZERO)
        .build();
  }

  @AfterEach
  void close() {
    subscription.close();
    discovery.close();
    source.close();
    workers.close();
    client.close();
    kubernetes.destroy();
  }

  @Test
  void slices_areReadAsTheyAreCreated_changed_andDeleted() throws Exception {
    create(slice("orders-1", "orders", "a", "10.0.0.1", true));
    create(slice("payments-1", "payments", "c", "10.0.0.3", true));
    subscription = discovery.watch("orders", snapshot -> {});
    awaitSeen(pod("a", "10.0.0.1").build());

    create(slice("orders-2", "orders", "b", "10.0.0.2", true));
    awaitSeen(pod("a", "10.0.0.1").build(), pod("b", "10.0.0.2").build());

    slices().resource(slice("orders-2", "orders", "b", "10.0.0.2", false)).update();
    awaitSeen(
        pod("a", "10.0.0.1").build(), pod("b", "10.0.0.2").state(State.DOWN).build());

    slices().withName("orders-2").delete();
    awaitSeen(pod("a", "10.0.0.1").build());
  }

  private void create(EndpointSlice slice) {
    slices().resource(slice).create();
  }

  private NonNamespaceOperation<EndpointSlice, EndpointSliceList, Resource<EndpointSlice>>
      slices() {
    return client.discovery().v1().endpointSlices().inNamespace("shop");
  }

  private static EndpointSlice slice(
      String name, String service, String pod, String address, boolean ready) {
    return new EndpointSliceBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("shop")
        .addToLabels("kubernetes.io/service-name", service)
        .endMetadata()
        .withAddressType("IPv4")
        .addNewPort()
        .withName("http")
        .withPort(8080)
        .endPort()
        .addNewEndpoint()
        .withAddresses(address)
        .withNewConditions()
        .withReady(ready)
        .withServing(ready)
        .endConditions()
        .withNewTargetRef()
        .withKind("Pod")
        .withName(pod)
        .endTargetRef()
        .endEndpoint()
        .build();
  }

  private static Instance.Builder pod(String name, String address) {
    return Instance.builder("orders", address, 8080).id(name);
  }

  private void awaitSeen(Instance... expected) throws Exception {
    eventually(
        "seen", () -> Set.copyOf(discovery.current("orders").instances()).equals(Set.of(expected)));
  }
}
