package dev.msk.security;

import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.SecurityEvent.Source;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;

/** What is told of credentials: which word of the vocabulary a reason is, and nothing of the credential but its short hash. */
final class CredentialEvents {

  private CredentialEvents() {}

  static SecurityEvent refused(
      Source source, String credential, RequestBinding binding, Rejected rejected) {
    return SecurityEvent.of(type(rejected.reason()), source)
        .with(Field.REASON, rejected.reason().name())
        .with(Field.DESCRIPTION, rejected.safeMessage())
        .with(Field.CALLER, binding.caller().map(SpiffeId::toString).orElse(null))
        .with(Field.ACTION, binding.action())
        .credential(credential);
  }

  static SecurityEvent revoked(Revocation revocation) {
    SecurityEvent event = SecurityEvent.of(EventType.AUTHN_TOKEN_REVOKED, Source.REVOCATION);
    if (revocation instanceof Revocation.Token token) {
      return event.with(Field.DESCRIPTION, "one token").with(Field.ID, token.id());
    } else if (revocation instanceof Revocation.Session session) {
      return event.with(Field.DESCRIPTION, "a session").credential(session.id());
    } else if (revocation instanceof Revocation.Subject subject) {
      return event
          .with(Field.DESCRIPTION, "issued up to " + subject.issuedUntil())
          .with(Field.SUBJECT, subject.id());
    } else if (revocation instanceof Revocation.SubjectWithoutSession subject) {
      return event
          .with(Field.DESCRIPTION, "without a session, issued up to " + subject.issuedUntil())
          .with(Field.SUBJECT, subject.id());
    }
    return event.with(Field.DESCRIPTION, "everything: " + revocation);
  }

  private static EventType type(Reason reason) {
    return switch (reason) {
      case TOO_LARGE, MALFORMED -> EventType.INPUT_VALIDATION_FAIL;
      case HEADER, ALGORITHM -> EventType.MALICIOUS_EXTRANEOUS;
      case REVOKED, REPLAY -> EventType.AUTHN_TOKEN_REUSE;
      case KEYS_UNAVAILABLE -> EventType.KEYS_UNAVAILABLE;
      default -> EventType.AUTHN_LOGIN_FAIL;
    };
  }
}
