package dev.msk.security.trust;

import static dev.msk.security.Eventually.eventually;

import dev.msk.core.Scheduler;
import dev.msk.security.SecurityEvents;
import dev.msk.security.SpiffeId;
import dev.msk.security.TlsIdentity;
import dev.msk.security.spiffe.SpiffeWorkloadApi;
import dev.msk.security.spiffe.SvidAnswer;
import dev.msk.security.spiffe.WorkloadApiContractServer;
import dev.msk.security.testing.TestCa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A service with an agent of its own. */
final class SpiffeService implements Service {

  private final String name;
  private final TestCa own;
  private final WorkloadApiContractServer agent;
  private final TlsIdentity identity;

  private SpiffeService(
      String name, TestCa own, WorkloadApiContractServer agent, TlsIdentity identity) {
    this.name = name;
    this.own = own;
    this.agent = agent;
    this.identity = identity;
  }

  static SpiffeService of(
      Path socket,
      String name,
      TestCa own,
      Scheduler scheduler,
      SecurityEvents events,
      TestCa... trusted) {
    try {
      WorkloadApiContractServer agent = WorkloadApiContractServer.unix(
          socket, SvidAnswer.of(own.certificate(name).issue(), trusted).encoded());
      TlsIdentity identity = TlsIdentity.from(
              SpiffeWorkloadApi.builder(scheduler).address(agent.address()).build())
          .peerIds(peer -> new SpiffeId("shop.example", "/" + peer))
          .events(events)
          .build();
      return new SpiffeService(name, own, agent, identity);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public TlsIdentity identity() {
    return identity;
  }

  @Override
  public void write(TestCa... trusted) {
    agent.push(SvidAnswer.of(own.certificate(name).issue(), trusted).encoded());
  }

  @Override
  public void exchange(TestCa... trusted) {
    long before = identity.generation();
    write(trusted);
    try {
      eventually("published", () -> identity.generation() > before);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    identity.close();
    try {
      agent.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
