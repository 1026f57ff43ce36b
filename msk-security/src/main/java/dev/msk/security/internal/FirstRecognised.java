package dev.msk.security.internal;

import dev.msk.security.CredentialCheck;
import dev.msk.security.RequestBinding;
import dev.msk.security.Verification;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks of several kinds of credentials, by their form. Thread-safe. */
public final class FirstRecognised implements CredentialCheck {

  private final List<CredentialCheck> checks;

  private FirstRecognised(List<CredentialCheck> checks) {
    this.checks = checks;
  }

  /**
   * Checks in their order.
   *
   * @param first asked first
   * @param others asked next
   * @return the checks as one
   */
  public static CredentialCheck of(CredentialCheck first, List<CredentialCheck> others) {
    return new FirstRecognised(Stream.concat(Stream.of(first), others.stream()).toList());
  }

  @Override
  public Verification verify(@Nullable String credential, RequestBinding binding) {
    return responsible(credential).verify(credential, binding);
  }

  @Override
  public CompletionStage<Verification> verifyAsync(
      @Nullable String credential, RequestBinding binding) {
    return responsible(credential).verifyAsync(credential, binding);
  }

  @Override
  public boolean recognises(String credential) {
    return checks.stream().anyMatch(check -> check.recognises(credential));
  }

  private CredentialCheck responsible(@Nullable String credential) {
    if (credential != null) {
      for (CredentialCheck check : checks) {
        if (check.recognises(credential)) {
          return check;
        }
      }
    }
    return checks.get(checks.size() - 1);
  }
}
