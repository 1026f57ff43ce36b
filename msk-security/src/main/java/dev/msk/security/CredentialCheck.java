package dev.msk.security;

import dev.msk.security.internal.FirstRecognised;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Says whether what a request presents is valid: a signed token, an opaque one, an API key. The doors of HTTP and gRPC take
 * any.
 *
 * <p>Implementations return a {@link Verification} whatever they are given and throw nothing. They are thread-safe.
 */
public interface CredentialCheck {

  /**
   * Checks a credential; may block while something must be asked.
   *
   * @param credential as in {@code Authorization: Bearer}, or null if there is none
   * @param binding what the request proves of its sender
   * @return verified, or rejected with a reason
   */
  Verification verify(@Nullable String credential, RequestBinding binding);

  /**
   * Checks a credential without blocking.
   *
   * @param credential as in {@code Authorization: Bearer}, or null if there is none
   * @param binding what the request proves of its sender
   * @return complete already if nobody must be asked; never fails
   */
  CompletionStage<Verification> verifyAsync(@Nullable String credential, RequestBinding binding);

  /**
   * Whether a credential has the form that is checked here. Says nothing of whether it is valid.
   *
   * @param credential any text
   * @return true if this is whom to ask
   */
  boolean recognises(String credential);

  /**
   * Several kinds of credentials at one door. Each goes to the first check that recognises it and to no other, so that no
   * credential is sent where it does not belong; what none recognises goes to the last.
   *
   * @param first asked first
   * @param others asked next, in their order
   * @return the checks as one
   */
  static CredentialCheck anyOf(CredentialCheck first, CredentialCheck... others) {
    return FirstRecognised.of(first, List.of(others));
  }
}
