package dev.msk.discovery.consul;

import dev.msk.discovery.Workers;
import java.net.URI;
import java.time.Duration;

/** A registry that beats often, with leases that a busy machine keeps. */
public final class QuickConsul {

  private QuickConsul() {}

  public static ConsulRegistry.Builder builder(URI agent, Workers workers) {
    return ConsulRegistry.builder(agent, workers.scheduler(), workers.executor())
        .requestTimeout(Duration.ofSeconds(20))
        .heartbeat(Duration.ofMillis(400), Duration.ofSeconds(30));
  }
}
