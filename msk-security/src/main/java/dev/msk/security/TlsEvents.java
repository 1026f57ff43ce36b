package dev.msk.security;

import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.SecurityEvent.Source;
import dev.msk.security.internal.TlsGeneration;
import java.security.cert.X509Certificate;

/** What is told of a TLS identity. */
final class TlsEvents {

  private TlsEvents() {}

  static SecurityEvent published(TlsGeneration generation) {
    X509Certificate certificate = generation.material().certificate();
    return SecurityEvent.of(EventType.TLS_IDENTITY_PUBLISHED, Source.TLS)
        .with(Field.GENERATION, Long.toString(generation.number()))
        .with(Field.SUBJECT, name(certificate))
        .with(Field.DESCRIPTION, "valid until " + certificate.getNotAfter().toInstant());
  }

  static SecurityEvent refused(long stays, String reason) {
    return SecurityEvent.of(EventType.TLS_IDENTITY_REFUSED, Source.TLS)
        .with(Field.GENERATION, Long.toString(stays))
        .with(Field.DESCRIPTION, reason);
  }

  static SecurityEvent unavailable(long stays, String reason) {
    return SecurityEvent.of(EventType.TLS_SOURCE_UNAVAILABLE, Source.TLS)
        .with(Field.GENERATION, Long.toString(stays))
        .with(Field.DESCRIPTION, reason);
  }

  static SecurityEvent peerRefused(X509Certificate certificate, long generation, String reason) {
    return SecurityEvent.of(EventType.TLS_PEER_REFUSED, Source.TLS)
        .with(Field.GENERATION, Long.toString(generation))
        .with(Field.CALLER, name(certificate))
        .with(Field.DESCRIPTION, reason);
  }

  private static String name(X509Certificate certificate) {
    return SpiffeId.of(certificate)
        .map(SpiffeId::toString)
        .orElseGet(() -> certificate.getSubjectX500Principal().getName());
  }
}
