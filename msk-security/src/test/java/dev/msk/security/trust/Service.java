package dev.msk.security.trust;

import dev.msk.core.Scheduler;
import dev.msk.security.SecurityEvents;
import dev.msk.security.SpiffeId;
import dev.msk.security.TlsIdentity;
import dev.msk.security.testing.TestCa;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A service whose files are exchanged while it looks at them ten times in a second. */
final class Service implements AutoCloseable {

  private final Path folder;
  private final String name;
  private final TestCa own;
  private final TlsIdentity identity;

  private Service(
      Path folder,
      String name,
      TestCa own,
      Scheduler scheduler,
      SecurityEvents events,
      TestCa... trusted) {
    this.folder = folder;
    this.name = name;
    this.own = own;
    write(trusted);
    this.identity = TlsIdentity.builder(folder)
        .peerIds(peer -> new SpiffeId("shop.example", "/" + peer))
        .poll(scheduler, Duration.ofMillis(100))
        .events(events)
        .build();
  }

  /** A service that trusts its own authority and others. */
  static Service of(
      Path folder,
      String name,
      TestCa own,
      Scheduler scheduler,
      SecurityEvents events,
      TestCa... trusted) {
    return new Service(folder, name, own, scheduler, events, trusted);
  }

  TlsIdentity identity() {
    return identity;
  }

  /** A new key and certificate, and another bundle; published when the files are looked at next. */
  void write(TestCa... trusted) {
    own.certificate(name)
        .issue()
        .writeTo(folder, Stream.of(trusted).map(TestCa::authority).toArray(X509Certificate[]::new));
  }

  /** The same, published at once. */
  void exchange(TestCa... trusted) {
    write(trusted);
    var outcome = identity.reload();
    if (outcome instanceof TlsIdentity.Reload.Refused) {
      throw new AssertionError(outcome + " of " + name + " with " + List.of(trusted));
    }
  }

  @Override
  public void close() {
    identity.close();
  }
}
