package dev.msk.discovery.consul;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.internal.RegistryEntry;
import dev.msk.discovery.internal.RegistryHttp;
import dev.msk.discovery.internal.RegistryHttp.Request;
import dev.msk.discovery.internal.RegistryHttp.StatusException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One instance at Consul's agent. */
final class ConsulEntry implements RegistryEntry {

  private static final String AGENT = "/v1/agent";

  private final Instance instance;
  private final ConsulRegistry.Builder settings;
  private final RegistryHttp http;
  private final ConsulJson json = new ConsulJson();
  private final String id;

  ConsulEntry(Instance instance, ConsulRegistry.Builder settings, RegistryHttp http) {
    this.instance = instance;
    this.settings = settings;
    this.http = http;
    this.id = ConsulJson.encoded(instance.id());
  }

  /** Maintenance that was turned on from outside outlives the process that it was meant for: the agent forgets it here. */
  @Override
  public CompletionStage<@Nullable Void> enter(State state) {
    byte[] body = json.registration(instance, state, settings.ttl, settings.deregisterAfter);
    return put("register", "/service/register?replace-existing-checks=true", body)
        .thenCompose(
            done -> state == State.DRAINING ? drain() : CompletableFuture.completedStage(null));
  }

  @Override
  public CompletionStage<Boolean> renew(State state) {
    // The agent answers an unknown check with 404 or 500, as its version is: whatever it refuses is
    // entered again.
    return beat(state)
        .thenApply(done -> true)
        .exceptionallyCompose(error -> RegistryHttp.unwrap(error) instanceof StatusException
            ? CompletableFuture.completedStage(false)
            : CompletableFuture.failedStage(error));
  }

  private CompletionStage<@Nullable Void> beat(State state) {
    return put(
        "heartbeat",
        "/check/update/" + ConsulJson.encoded(ConsulJson.checkId(instance.id())),
        json.beat(state));
  }

  @Override
  public CompletionStage<@Nullable Void> drain() {
    return put("maintenance", "/service/maintenance/" + id + "?enable=true&reason=draining", null);
  }

  @Override
  public CompletionStage<@Nullable Void> leave() {
    return put("deregister", "/service/deregister/" + id, null);
  }

  private CompletionStage<@Nullable Void> put(String call, String path, byte @Nullable [] body) {
    Request request = new Request(call, "PUT", AGENT + path, body, settings.requestTimeout);
    return http.send(request).thenApply(reply -> {
      RegistryHttp.expectOk(request, reply);
      return null;
    });
  }
}
