package dev.msk.security;

import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Verified;
import dev.msk.security.internal.Refusal;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a request proves what its token asks of its sender. Never remembered with the token. Thread-safe. */
final class SenderConstraint {

  private static final String CERTIFICATE = "x5t#S256";
  private static final String KEY = "jkt";

  /** Binds nothing: Keycloak says with it how the key of {@code jkt} is proved. */
  private static final String KEY_TYPE = "kc-jkt-type";

  private static final Set<String> KNOWN = Set.of(CERTIFICATE, KEY, KEY_TYPE);

  private final boolean required;
  private final @Nullable DpopProofs proofs;

  SenderConstraint(boolean required, @Nullable DpopProofs proofs) {
    this.required = required;
    this.proofs = proofs;
  }

  void require(String token, Verified verified, RequestBinding binding, Instant now)
      throws Refusal {
    Map<String, Object> claims = verified.claims();
    if (!claims.containsKey("cnf")) {
      if (required || binding.dpop() != null) {
        throw refusal("cnf: absent (expected: a token that is bound to its sender)");
      }
      return;
    }
    if (!(claims.get("cnf") instanceof Map<?, ?> cnf)
        || cnf.isEmpty()
        || !KNOWN.containsAll(cnf.keySet())
        || (cnf.containsKey(KEY_TYPE) && !isKeyOfDpop(cnf))) {
      throw refusal("cnf: of a kind that cannot be proved here (expected: x5t#S256 or jkt)");
    }
    if (cnf.containsKey(CERTIFICATE)) {
      requireCertificate(cnf.get(CERTIFICATE), binding);
    }
    if (cnf.containsKey(KEY) || binding.dpop() != null) {
      requireKey(token, cnf.get(KEY), binding.dpop(), now);
    }
  }

  private static boolean isKeyOfDpop(Map<?, ?> cnf) {
    return cnf.containsKey(KEY) && "DPoP".equals(cnf.get(KEY_TYPE));
  }

  private static void requireCertificate(@Nullable Object thumbprint, RequestBinding binding)
      throws Refusal {
    Optional<String> own = binding.certificateThumbprint();
    if (own.isEmpty()) {
      throw refusal("cnf: bound to a certificate, and the connection has none");
    }
    if (!own.get().equals(thumbprint)) {
      throw refusal("cnf: bound to another certificate than the connection's");
    }
  }

  private void requireKey(
      String token, @Nullable Object thumbprint, RequestBinding.@Nullable Dpop dpop, Instant now)
      throws Refusal {
    if (!(thumbprint instanceof String text)) {
      throw refusal("cnf: no jkt (expected: the key of the DPoP proof)");
    }
    if (dpop == null) {
      throw refusal("cnf: bound to a key, and sent as a bearer token (expected: scheme DPoP)");
    }
    if (proofs == null) {
      throw refusal("cnf: bound to a key, and DPoP proofs are not taken here");
    }
    proofs.require(token, text, dpop, now);
  }

  private static Refusal refusal(String message) {
    return new Refusal(Reason.BINDING, message);
  }
}
