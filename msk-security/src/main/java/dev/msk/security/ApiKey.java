package dev.msk.security;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of an API key; neither the key nor its hash. Immutable.
 *
 * @param id its public name, 24 hexadecimal digits, which is also a part of the key
 * @param owner whose it is; the subject of requests that it is sent with
 * @param scopes what it allows
 * @param createdAt when it was issued
 * @param expiresAt from when it is refused
 * @param revokedAt when it was taken back; empty if it was not
 */
public record ApiKey(
    String id,
    String owner,
    Set<String> scopes,
    Instant createdAt,
    Instant expiresAt,
    Optional<Instant> revokedAt) {

  /**
   * Keeps copies.
   *
   * @param id its public name
   * @param owner whose it is
   * @param scopes what it allows
   * @param createdAt when it was issued
   * @param expiresAt from when it is refused
   * @param revokedAt when it was taken back
   */
  public ApiKey {
    requireNonNull(id, "id");
    requireNonNull(owner, "owner");
    scopes = Set.copyOf(scopes);
    requireNonNull(createdAt, "createdAt");
    requireNonNull(expiresAt, "expiresAt");
    requireNonNull(revokedAt, "revokedAt");
  }

  /**
   * Whether it is taken.
   *
   * @param now the time
   * @return true if it was neither taken back nor has expired
   */
  public boolean isActive(Instant now) {
    return revokedAt.isEmpty() && now.isBefore(expiresAt);
  }
}
