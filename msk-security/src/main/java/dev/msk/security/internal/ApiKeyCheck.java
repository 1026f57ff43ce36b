package dev.msk.security.internal;

import dev.msk.security.ApiKey;
import dev.msk.security.Verification;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.spi.ApiKeyStore;
import dev.msk.security.spi.StoredApiKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is looked at of an API key, and in which order: its state is told to nobody who has not its secret. */
public final class ApiKeyCheck {

  private ApiKeyCheck() {}

  /**
   * Checks a key.
   *
   * @param text the form of keys
   * @param store asked if the form is right
   * @param credential any text, or null
   * @param clock tells the time, after the store has answered
   * @return verified, or rejected; throws what the store throws
   */
  public static Verification check(
      ApiKeyText text, ApiKeyStore store, @Nullable String credential, InstantSource clock) {
    Optional<ApiKeyText.Secret> secret = text.parse(credential);
    if (secret.isEmpty()) {
      return new Rejected(Reason.MALFORMED, "key: has not the form of one");
    }
    Optional<StoredApiKey> stored = store.find(secret.get().id());
    if (stored.isEmpty()) {
      return new Rejected(Reason.KEY_UNKNOWN, "key: none of this id");
    }
    if (!stored.get().hasHash(secret.get().hash())) {
      return new Rejected(Reason.SIGNATURE, "key: another secret than that of this id");
    }
    return state(stored.get().key(), clock.instant());
  }

  private static Verification state(ApiKey key, Instant now) {
    if (key.revokedAt().isPresent()) {
      return new Rejected(
          Reason.REVOKED, "key: taken back at " + key.revokedAt().get());
    }
    if (!now.isBefore(key.expiresAt())) {
      return new Rejected(Reason.EXPIRED, "key: expired at " + key.expiresAt());
    }
    Map<String, Object> claims = Map.of(
        "sub", key.owner(),
        "client_id", key.owner(),
        "jti", key.id(),
        "iat", key.createdAt().getEpochSecond(),
        "exp", key.expiresAt().getEpochSecond());
    return new Verified(key.owner(), key.scopes(), key.expiresAt(), claims);
  }
}
