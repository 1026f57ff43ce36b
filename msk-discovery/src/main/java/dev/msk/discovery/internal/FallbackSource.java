package dev.msk.discovery.internal;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.spi.DiscoverySource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The first source that knows somebody. Thread-safe. */
public final class FallbackSource implements DiscoverySource {

  private final List<DiscoverySource> sources;

  /**
   * Creates one.
   *
   * @param sources in order of preference
   * @throws IllegalArgumentException if there is none
   */
  public FallbackSource(List<DiscoverySource> sources) {
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("sources: none (expected: one or more)");
    }
    this.sources = List.copyOf(sources);
  }

  @Override
  public Subscription watch(String service, Sink sink) {
    Choice choice = new Choice(sources.size(), sink);
    List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      subscriptions.add(sources.get(i).watch(service, choice.of(i)));
    }
    return () -> subscriptions.forEach(Subscription::close);
  }

  /** The latest reports of all sources; its state belongs to the serial executor. */
  private static final class Choice {

    private final SerialExecutor serial = new SerialExecutor(Runnable::run);
    private final Sink sink;
    private final List<@Nullable Report> reports = new ArrayList<>();

    Choice(int sources, Sink sink) {
      this.sink = sink;
      for (int i = 0; i < sources; i++) {
        reports.add(null);
      }
    }

    Sink of(int source) {
      return new Sink() {
        @Override
        public void instances(List<Instance> instances) {
          reported(source, new Report(instances, null));
        }

        @Override
        public void failed(Throwable cause) {
          reported(source, new Report(List.of(), cause));
        }
      };
    }

    private void reported(int source, Report report) {
      serial.execute(() -> {
        reports.set(source, report);
        choose();
      });
    }

    private void choose() {
      Report best = null;
      for (Report report : reports) {
        if (report == null) {
          return;
        }
        if (!report.instances.isEmpty()) {
          sink.instances(report.instances);
          return;
        }
        if (best == null || (best.failure != null && report.failure == null)) {
          best = report;
        }
      }
      if (best != null && best.failure != null) {
        sink.failed(best.failure);
      } else {
        sink.instances(List.of());
      }
    }
  }

  private record Report(List<Instance> instances, @Nullable Throwable failure) {}
}
