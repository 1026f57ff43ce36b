package dev.msk.discovery.eureka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.internal.RegistryEntry;
import dev.msk.discovery.internal.RegistryHttp;
import dev.msk.discovery.internal.RegistryHttp.Request;
import java.net.URLEncoder;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One instance in Eureka. */
final class EurekaEntry implements RegistryEntry {

  private static final int NOT_FOUND = 404;

  private final Instance instance;
  private final EurekaRegistry.Builder settings;
  private final RegistryHttp http;
  private final EurekaJson json = new EurekaJson();
  private final String path;

  EurekaEntry(Instance instance, EurekaRegistry.Builder settings, RegistryHttp http) {
    this.instance = instance;
    this.settings = settings;
    this.http = http;
    this.path = "/apps/" + encoded(EurekaJson.app(instance.service()));
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, UTF_8).replace("+", "%20");
  }

  @Override
  public CompletionStage<@Nullable Void> enter(State state) {
    byte[] body = json.registration(instance, state, settings.heartbeat, settings.lease);
    return ok(request("register", "POST", path, body)).thenCompose(done -> override(state));
  }

  @Override
  public CompletionStage<Boolean> renew(State state) {
    Request beat = request("heartbeat", "PUT", itemPath(), null);
    return http.send(beat)
        .thenApply(reply ->
            reply.status() != NOT_FOUND && RegistryHttp.expectOk(beat, reply).isOk());
  }

  @Override
  public CompletionStage<@Nullable Void> drain() {
    return override(State.DRAINING);
  }

  /** A status that was set from outside outlives the process that it was set for: ours is put in its place. */
  private CompletionStage<@Nullable Void> override(State state) {
    String method = state == State.DRAINING ? "PUT" : "DELETE";
    String status = itemPath() + "/status?value=" + EurekaJson.status(state);
    return ok(request("status", method, status, null));
  }

  @Override
  public CompletionStage<@Nullable Void> leave() {
    return http.send(request("deregister", "DELETE", itemPath(), null)).thenApply(reply -> null);
  }

  private CompletionStage<@Nullable Void> ok(Request request) {
    return http.send(request).thenApply(reply -> {
      RegistryHttp.expectOk(request, reply);
      return null;
    });
  }

  private Request request(String call, String method, String to, byte @Nullable [] body) {
    return new Request(call, method, to, body, settings.requestTimeout);
  }

  private String itemPath() {
    return path + "/" + encoded(instance.id());
  }
}
