package dev.msk.security.trust;

import dev.msk.core.Scheduler;
import dev.msk.security.SecurityEvents;
import dev.msk.security.TlsIdentity;
import dev.msk.security.testing.TestCa;
import java.nio.file.Path;

/** A service whose key, certificate and bundle are exchanged while it works. */
interface Service extends AutoCloseable {

  /** A service that trusts its own authority and others, from files. */
  static Service of(
      Path folder,
      String name,
      TestCa own,
      Scheduler scheduler,
      SecurityEvents events,
      TestCa... trusted) {
    return FileService.of(folder, name, own, scheduler, events, trusted);
  }

  TlsIdentity identity();

  /** A new key and certificate, and another bundle; published a moment later. */
  void write(TestCa... trusted);

  /** The same, published when this returns. */
  void exchange(TestCa... trusted);

  @Override
  void close();
}
