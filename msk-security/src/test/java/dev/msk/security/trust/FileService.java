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
final class FileService implements Service {

  private final Path folder;
  private final String name;
  private final TestCa own;
  private final TlsIdentity identity;

  private FileService(
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
  static FileService of(
      Path folder,
      String name,
      TestCa own,
      Scheduler scheduler,
      SecurityEvents events,
      TestCa... trusted) {
    return new FileService(folder, name, own, scheduler, events, trusted);
  }

  @Override
  public TlsIdentity identity() {
    return identity;
  }

  @Override
  public void write(TestCa... trusted) {
    own.certificate(name)
        .issue()
        .writeTo(folder, Stream.of(trusted).map(TestCa::authority).toArray(X509Certificate[]::new));
  }

  @Override
  public void exchange(TestCa... trusted) {
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
