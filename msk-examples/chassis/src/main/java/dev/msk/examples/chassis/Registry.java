package dev.msk.examples.chassis;

import dev.msk.core.lifecycle.Part;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Registration;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.eureka.EurekaRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Finds the other services in Eureka and makes this one known there. Thread-safe. */
public final class Registry implements AutoCloseable {

  /**
   * Which Eureka.
   *
   * <pre>
   * EUREKA_URL      http://localhost:8761/eureka
   * EUREKA_REFRESH  PT10S   how often the list is fetched
   * DRAIN           PT15S   how long callers get to learn that this instance leaves
   * </pre>
   *
   * @param url of its REST API
   * @param refresh how often the list is fetched
   * @param drain how long callers get to learn that an instance leaves
   */
  public record Settings(URI url, Duration refresh, Duration drain) {

    /**
     * Reads the environment.
     *
     * @param environment remembers what is wrong
     * @return the settings
     */
    public static Settings of(Environment environment) {
      return new Settings(
          environment.uri("EUREKA_URL", "http://localhost:8761/eureka"),
          environment.duration(
              "EUREKA_REFRESH", "PT10S", Duration.ofSeconds(1), Duration.ofMinutes(5)),
          environment.duration("DRAIN", "PT15S", Duration.ZERO, Duration.ofMinutes(5)));
    }
  }

  private final EurekaRegistry eureka;
  private final ServiceDiscovery discovery;
  private final Duration drain;

  private Registry(Settings settings, Threads threads, Telemetry telemetry) {
    this.eureka = EurekaRegistry.builder(
            List.of(settings.url()), threads.scheduler(), threads.executor())
        .refreshInterval(settings.refresh())
        .telemetry(telemetry)
        .build();
    this.discovery = ServiceDiscovery.builder(eureka).telemetry(telemetry).build();
    this.drain = settings.drain();
  }

  /**
   * Begins to ask. A registry that is away is waited for.
   *
   * @param settings which one
   * @param threads ask it
   * @param telemetry hears how it goes
   * @return to be closed
   */
  public static Registry connect(Settings settings, Threads threads, Telemetry telemetry) {
    return new Registry(settings, threads, telemetry);
  }

  /**
   * The other services.
   *
   * @return finds their instances
   */
  public ServiceDiscovery discovery() {
    return discovery;
  }

  /**
   * This process's place in the registry, as a part of its life: made known at the start; at the end
   * callers get the time to learn that it leaves, and only then do the parts before it end.
   *
   * @param instance as others shall see it, asked at the start
   * @return the part
   */
  public Part registration(Supplier<Instance> instance) {
    AtomicReference<Registration> registration = new AtomicReference<>();
    return Part.named("registration")
        .start(() -> registration.set(eureka.register(instance.get())))
        .drain(() -> registration.get().drain(drain).toCompletableFuture().get())
        .stop(() -> registration.get().close())
        .within(drain.plusSeconds(5));
  }

  @Override
  public void close() {
    discovery.close();
    eureka.close();
  }
}
