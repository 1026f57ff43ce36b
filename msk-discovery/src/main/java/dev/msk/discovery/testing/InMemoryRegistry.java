package dev.msk.discovery.testing;

import static java.util.Objects.requireNonNull;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.Registration;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.SerialExecutor;
import dev.msk.discovery.spi.DiscoverySource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A registry without a network, for tests. It reports each change at once, in the thread that makes it, and can be told to
 * fail, to forget and to lie. Thread-safe; needs no closing.
 */
public final class InMemoryRegistry implements Registrar, DiscoverySource {

  private final SerialExecutor serial = new SerialExecutor(Runnable::run);
  private final Map<String, Map<String, Instance>> services = new LinkedHashMap<>();
  private final Map<String, Instance> registered = new LinkedHashMap<>();
  private final Map<Sink, String> sinks = new LinkedHashMap<>();
  private @Nullable Throwable failure;

  private InMemoryRegistry() {}

  /**
   * An empty registry.
   *
   * @return a registry
   */
  public static InMemoryRegistry create() {
    return new InMemoryRegistry();
  }

  /** {@inheritDoc} Draining completes at once. */
  @Override
  public Registration register(Instance instance) {
    requireNonNull(instance, "instance");
    enter(instance);
    return new InMemoryRegistration(instance);
  }

  @Override
  public Subscription watch(String service, Sink sink) {
    serial.execute(() -> {
      sinks.put(sink, service);
      report(sink, service);
    });
    return () -> serial.execute(() -> sinks.remove(sink));
  }

  /**
   * Answers with these instances from now on, until something is registered or leaves.
   *
   * @param service name of the service
   * @param instances what it answers
   */
  public void answer(String service, List<Instance> instances) {
    serial.execute(() -> {
      Map<String, Instance> all = new LinkedHashMap<>();
      instances.forEach(instance -> all.put(instance.id(), instance));
      services.put(service, all);
      reportAll();
    });
  }

  /**
   * Fails from now on.
   *
   * @param cause what is reported
   */
  public void fail(Throwable cause) {
    serial.execute(() -> {
      failure = cause;
      reportAll();
    });
  }

  /** Answers again. */
  public void recover() {
    serial.execute(() -> {
      failure = null;
      reportAll();
    });
  }

  /**
   * Loses an instance, as a registry does that was restarted.
   *
   * @param instance what is lost until the next {@link #heartbeat()}
   */
  public void forget(Instance instance) {
    serial.execute(() -> {
      remove(instance);
      reportAll();
    });
  }

  /**
   * Answers again, knowing nobody: reports that, and then one report for each of those who are registered as they register again,
   * one after another. What {@link #answer} said is lost.
   */
  public void restart() {
    serial.execute(() -> {
      failure = null;
      services.clear();
      reportAll();
      registered.values().forEach(instance -> {
        put(instance);
        reportAll();
      });
    });
  }

  /** Lets everybody who is registered register again. */
  public void heartbeat() {
    serial.execute(() -> {
      registered.values().forEach(this::put);
      reportAll();
    });
  }

  private void enter(Instance instance) {
    serial.execute(() -> {
      registered.put(instance.id(), instance);
      put(instance);
      reportAll();
    });
  }

  private void put(Instance instance) {
    services
        .computeIfAbsent(instance.service(), name -> new LinkedHashMap<>())
        .put(instance.id(), instance);
  }

  private void remove(Instance instance) {
    services.getOrDefault(instance.service(), new LinkedHashMap<>()).remove(instance.id());
  }

  private void reportAll() {
    Map.copyOf(sinks).forEach(this::report);
  }

  private void report(Sink sink, String service) {
    if (failure != null) {
      sink.failed(failure);
    } else {
      sink.instances(List.copyOf(services.getOrDefault(service, Map.of()).values()));
    }
  }

  private final class InMemoryRegistration implements Registration {

    private final Instance instance;

    InMemoryRegistration(Instance instance) {
      this.instance = instance;
    }

    @Override
    public Instance instance() {
      return instance;
    }

    @Override
    public CompletionStage<Void> registered() {
      return done();
    }

    @Override
    public CompletionStage<Void> drain(Duration propagation) {
      serial.execute(() -> {
        if (registered.containsKey(instance.id())) {
          enter(instance.withState(Instance.State.DRAINING));
        }
      });
      return done();
    }

    @Override
    public void close() {
      serial.execute(() -> {
        registered.remove(instance.id());
        remove(instance);
        reportAll();
      });
    }

    private CompletionStage<Void> done() {
      CompletableFuture<Void> done = new CompletableFuture<>();
      done.complete(null);
      return done;
    }
  }
}
