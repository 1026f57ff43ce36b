package dev.msk.security;

import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A token could not be had from its issuer. The message names the endpoint and what the issuer said, for operators; it has no
 * secret and no token in it.
 */
public final class TokenRequestException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Where the token was asked for. */
  private final URI endpoint;

  /** What the issuer called the error, if it said so. */
  private final @Nullable String error;

  /**
   * Makes the exception.
   *
   * @param endpoint where the token was asked for
   * @param error the issuer's code; null if there was no answer, or none that could be read
   * @param message what was wrong, without secrets
   * @param cause what failed; null if the issuer said no
   */
  public TokenRequestException(
      URI endpoint, @Nullable String error, String message, @Nullable Throwable cause) {
    super(endpoint + ": " + message, cause);
    this.endpoint = endpoint;
    this.error = error;
  }

  /**
   * Where the token was asked for.
   *
   * @return the token endpoint
   */
  public URI endpoint() {
    return endpoint;
  }

  /**
   * What the issuer called the error.
   *
   * @return for example {@code invalid_client}; empty if there was no answer that could be read
   */
  public Optional<String> error() {
    return Optional.ofNullable(error);
  }
}
