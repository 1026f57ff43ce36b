package dev.msk.security.trust;

import dev.msk.core.Scheduler;
import dev.msk.security.SecurityEvents;
import dev.msk.security.testing.TestCa;
import java.nio.file.Path;

/** gRPC on Netty, of services whose sets are pushed by a contract server of the Workload API over a Unix socket. */
final class SpiffeTrustTest extends GrpcTrustTest {

  @Override
  Service service(
      Path files,
      String name,
      TestCa own,
      Scheduler scheduler,
      SecurityEvents events,
      TestCa... trusted) {
    return SpiffeService.of(files.resolve("agent.sock"), name, own, scheduler, events, trusted);
  }
}
