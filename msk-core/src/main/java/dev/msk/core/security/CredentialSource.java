package dev.msk.core.security;

import java.time.Instant;
import java.util.concurrent.CompletionStage;

/**
 * Credentials for calls to peers: fetched, cached and renewed behind this interface, so that asking is cheap.
 * Thread-safe.
 */
public interface CredentialSource {

  /**
   * What to present to a peer.
   *
   * @param peer name of the service that is called; becomes the audience
   * @return completes with a credential that is valid now, or with the error that kept it from being fetched
   */
  CompletionStage<Credential> credential(String peer);

  /**
   * A credential as it goes into a header: {@code Authorization: Bearer eyJ…}.
   *
   * @param scheme for instance {@code Bearer} or {@code DPoP}
   * @param value the secret part; never logged
   * @param expiresAt from when it is refused
   */
  record Credential(String scheme, String value, Instant expiresAt) {

    /** Scheme and expiry; never the value. */
    @Override
    public String toString() {
      return "Credential[scheme=" + scheme + ", expiresAt=" + expiresAt + "]";
    }
  }
}
