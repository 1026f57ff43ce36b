package dev.msk.security.vault;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Vault has answered, and not with what was asked for. */
final class VaultRefusal extends RuntimeException {

  private static final long serialVersionUID = 1L;

  VaultRefusal(String path, int status, String said) {
    super(path + ": status " + status + said);
  }

  static String root(@Nullable Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof VaultRefusal
        ? String.valueOf(cause.getMessage())
        : String.valueOf(cause);
  }
}
