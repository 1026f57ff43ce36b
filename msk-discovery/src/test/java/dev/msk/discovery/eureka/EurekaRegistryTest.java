package dev.msk.discovery.eureka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.testing.RegistryContract;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.junit.WithServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@WithServers
final class EurekaRegistryTest extends RegistryContract {

  private final EurekaServer eureka;
  private final Workers workers = new Workers();
  private final EurekaRegistry registry;
  private final ServiceDiscovery discovery;

  EurekaRegistryTest(EurekaServer eureka) {
    this.eureka = eureka;
    this.registry = QuickEureka.builder(eureka.url(), workers).build();
    this.discovery = ServiceDiscovery.builder(registry).build();
  }

  @AfterEach
  void close() {
    discovery.close();
    registry.close();
    workers.close();
  }

  @Override
  protected Registrar registrar() {
    return registry;
  }

  @Override
  protected ServiceDiscovery discovery() {
    return discovery;
  }

  @ParameterizedTest
  @ValueSource(strings = {"a%2Fb", "a%5Cb"})
  void slashInAnId_isNoPathForEureka(String encoded) throws Exception {
    URI uri = URI.create(eureka.url() + "/apps/ORDERS/" + encoded);

    assertThat(HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
            .statusCode())
        .isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a\\b"})
  void idWithASlash_isRefused(String id) {
    Instance instance = Instance.builder("orders", "127.0.0.1", 7001).id(id).build();

    assertThatThrownBy(() -> registry.register(instance))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("id: " + id + " (expected: no slash, which Eureka's web server refuses)");
  }

  @Override
  protected void forget(Instance instance) {
    assertThat(send("DELETE", instance)).isEqualTo(200);
  }

  @Override
  protected boolean knows(Instance instance) {
    return send("GET", instance) == 200;
  }

  private int send(String method, Instance instance) {
    URI uri = URI.create(eureka.url() + "/apps/" + instance.service().toUpperCase(Locale.ROOT) + "/"
        + instance.id());
    try {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(uri)
                  .method(method, BodyPublishers.noBody())
                  .build(),
              BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
