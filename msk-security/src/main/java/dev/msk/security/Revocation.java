package dev.msk.security;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * Which tokens are taken back before they expire, by what their issuer wrote into them. Immutable; to be sent to other
 * processes as it is.
 */
public sealed interface Revocation {

  /** The longest identifier that can be revoked, in characters. */
  int MAX_ID_LENGTH = 256;

  /**
   * One token.
   *
   * @param id the claim {@code jti}, 1 to 256 characters
   */
  record Token(String id) implements Revocation {

    /**
     * Checks the identifier.
     *
     * @param id the claim {@code jti}
     */
    public Token {
      requireId(id);
    }
  }

  /**
   * All tokens of a session at the issuer; a session that has ended never comes back.
   *
   * @param id the claim {@code sid}, 1 to 256 characters
   */
  record Session(String id) implements Revocation {

    /**
     * Checks the identifier.
     *
     * @param id the claim {@code sid}
     */
    public Session {
      requireId(id);
    }
  }

  /**
   * All tokens of a subject up to a moment.
   *
   * @param id the claim {@code sub}, 1 to 256 characters
   * @param issuedUntil the claim {@code iat} counts whole seconds, so that a token of the same second is taken back too
   */
  record Subject(String id, Instant issuedUntil) implements Revocation {

    /**
     * Checks the identifier.
     *
     * @param id the claim {@code sub}
     * @param issuedUntil the last moment
     */
    public Subject {
      requireId(id);
      requireNonNull(issuedUntil, "issuedUntil");
    }
  }

  /**
   * All tokens of a subject up to a moment that name no session: nobody knows whether they belong to one that has ended.
   *
   * @param id the claim {@code sub}, 1 to 256 characters
   * @param issuedUntil as for {@link Subject}
   */
  record SubjectWithoutSession(String id, Instant issuedUntil) implements Revocation {

    /**
     * Checks the identifier.
     *
     * @param id the claim {@code sub}
     * @param issuedUntil the last moment
     */
    public SubjectWithoutSession {
      requireId(id);
      requireNonNull(issuedUntil, "issuedUntil");
    }
  }

  /**
   * All tokens up to a moment, whosoever they are.
   *
   * @param issuedUntil as for {@link Subject}
   */
  record Everything(Instant issuedUntil) implements Revocation {

    /**
     * Checks the moment.
     *
     * @param issuedUntil the last moment
     */
    public Everything {
      requireNonNull(issuedUntil, "issuedUntil");
    }
  }

  private static void requireId(String id) {
    if (id.isEmpty() || id.length() > MAX_ID_LENGTH) {
      throw new IllegalArgumentException(
          "id: " + id.length() + " characters (expected: 1 to " + MAX_ID_LENGTH + ")");
    }
  }
}
