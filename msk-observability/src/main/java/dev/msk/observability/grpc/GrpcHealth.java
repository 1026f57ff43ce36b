package dev.msk.observability.grpc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.spi.OptionalDependency;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.HealthGroup;
import io.grpc.BindableService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * gRPC's health service, {@code grpc.health.v1.Health}, over {@link HealthChecks}: what Kubernetes' gRPC probes, load balancers and gRPC's
 * own clients ask.
 *
 * <p>The service named {@code ""} is readiness; {@code liveness}, {@code readiness} and {@code startup} are the groups, and {@link
 * Builder#service} adds names. A group that is up is {@code SERVING}; one that is down, out of service, or of which nobody knows is {@code
 * NOT_SERVING}. Of a name that is none of these {@code Check} says {@code NOT_FOUND}, and {@code Watch} {@code SERVICE_UNKNOWN}.
 *
 * <p>{@code Check} reads what is known and never waits. {@code Watch} tells the status at once and each change within a
 * second; a client that does not read gets the latest when it does. A watch holds no thread, and ends with its call.
 *
 * <p>When a process stops, {@link HealthChecks#drain()} comes first, so that watchers hear that it takes no more calls, and {@link
 * #close()} before the server's own shutdown, which waits for open calls. {@code List} is not in the generated code of grpc-services 1.83.
 *
 * <p>Thread-safe; runs on the given scheduler while somebody watches, and makes no thread. Needs {@code io.grpc:grpc-services}.
 *
 * @see <a href="https://github.com/grpc/grpc/blob/master/doc/health-checking.md">gRPC Health Checking Protocol</a>
 */
public final class GrpcHealth implements AutoCloseable {

  private final ServedHealth health;
  private final HealthWatches watches;
  private final BindableService service;

  private GrpcHealth(Builder builder) {
    this.health = new ServedHealth(builder.checks, builder.services);
    this.watches =
        new HealthWatches(health, builder.scheduler, builder.interval, builder.maxWatches);
    this.service = HealthService.of(health, watches);
  }

  /**
   * A service that looks for changes every second while somebody watches, and keeps up to 1,000 watches.
   *
   * @param checks what to tell; they stay the caller's
   * @param scheduler says when to look
   * @return a builder with these defaults
   * @throws dev.msk.core.MissingDependencyException without grpc-services
   */
  public static Builder builder(HealthChecks checks, Scheduler scheduler) {
    OptionalDependency.of(GrpcHealth.class, "grpc-services", "io.grpc.health.v1.HealthGrpc")
        .require("gRPC health service");
    return new Builder(checks, scheduler);
  }

  /**
   * The service.
   *
   * @return for {@code ServerBuilder.addService}; always the same
   */
  public BindableService service() {
    return service;
  }

  int openWatches() {
    return watches.size();
  }

  /**
   * Says {@code NOT_SERVING} of readiness from now on, to watchers too, and ends their calls with {@code UNAVAILABLE}; a later watch is
   * refused so. {@code Check} goes on answering. Idempotent.
   */
  @Override
  public void close() {
    health.stop();
    watches.close();
  }

  /** Collects the optional parts. Confined to one thread. */
  public static final class Builder {

    private final HealthChecks checks;
    private final Scheduler scheduler;
    private final Map<String, HealthGroup> services = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();
    private Duration interval = Duration.ofSeconds(1);
    private int maxWatches = 1_000;

    private Builder(HealthChecks checks, Scheduler scheduler) {
      this.checks = requireNonNull(checks, "checks");
      this.scheduler = requireNonNull(scheduler, "scheduler");
      services.put("", HealthGroup.READINESS);
      services.put("liveness", HealthGroup.LIVENESS);
      services.put("readiness", HealthGroup.READINESS);
      services.put("startup", HealthGroup.STARTUP);
    }

    /**
     * Adds a name under which clients ask.
     *
     * @param name usually a gRPC service's full name, for example {@code shop.v1.Orders}
     * @param group what is told of it
     * @return this
     */
    public Builder service(String name, HealthGroup group) {
      if (services.putIfAbsent(requireNonNull(name, "name"), requireNonNull(group, "group"))
          != null) {
        faults.add("service: " + name + " (expected: each name once)");
      }
      return this;
    }

    /**
     * Sets how often watched groups are looked at.
     *
     * @param value above zero; default 1 s
     * @return this
     */
    public Builder interval(Duration value) {
      this.interval = requireNonNull(value, "interval");
      return this;
    }

    /**
     * Bounds the watches that are open at once; one more is refused with {@code RESOURCE_EXHAUSTED}.
     *
     * @param value at least 0; default 1,000
     * @return this
     */
    public Builder maxWatches(int value) {
      this.maxWatches = value;
      return this;
    }

    /**
     * Makes the service.
     *
     * @return the service, to be closed before its server is
     * @throws IllegalArgumentException naming everything that is out of bounds
     */
    public GrpcHealth build() {
      List<String> all = new ArrayList<>(faults);
      if (interval.isNegative() || interval.isZero()) {
        all.add("interval: " + interval + " (expected: > 0)");
      }
      if (maxWatches < 0) {
        all.add("maxWatches: " + maxWatches + " (expected: >= 0)");
      }
      if (!all.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", all));
      }
      return new GrpcHealth(this);
    }
  }
}
