package dev.msk.discovery.grpc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.OptionalDependency;
import dev.msk.discovery.Instance;
import dev.msk.discovery.spi.Probe;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Asks by {@code grpc.health.v1.Health/Check}, gRPC's health protocol: an instance that is {@code SERVING} can take calls. One that
 * does not know the protocol cannot. The server's side is in {@code grpc-services}; this one needs {@code grpc-api} and a
 * transport.
 *
 * <p>Each probe has a channel of its own, so that it shows as well whether connections can be made, and closes it. Thread-safe.
 *
 * @see <a href="https://github.com/grpc/grpc/blob/master/doc/health-checking.md">gRPC Health Checking Protocol</a>
 */
public final class GrpcProbe implements Probe {

  private final String service;
  private final Function<Instance, ManagedChannel> channels;

  private GrpcProbe(String service, Function<Instance, ManagedChannel> channels) {
    this.service = service;
    this.channels = channels;
  }

  /**
   * A probe.
   *
   * @param service as the health protocol names it, for example {@code shop.v1.Orders}; empty for the server as a whole
   * @param channels makes a channel to one instance, for example by {@code ManagedChannelBuilder.forAddress}
   * @return the probe
   * @throws dev.msk.core.MissingDependencyException when grpc-api is not there
   */
  public static GrpcProbe of(String service, Function<Instance, ManagedChannel> channels) {
    requireNonNull(service, "service");
    requireNonNull(channels, "channels");
    OptionalDependency.of(GrpcProbe.class, "grpc", "io.grpc.ManagedChannel").require("gRPC probe");
    return new GrpcProbe(service, channels);
  }

  @Override
  public CompletionStage<?> check(Instance instance, Duration timeout) {
    ManagedChannel channel = channels.apply(instance);
    CompletableFuture<Void> answer = HealthCall.start(channel, service, timeout);
    var unused = answer.whenComplete((nothing, error) -> channel.shutdownNow());
    return answer;
  }
}
