package dev.msk.security.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.TokenAlgorithm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A public key that a sender shows, known by its thumbprint. The key itself is read, and its strength checked, only when a
 * signature is to be verified, so that a key that nobody asked for costs next to nothing. Immutable.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7638">RFC 7638</a>
 */
public final class ProofKey {

  private final ObjectNode jwk;
  private final String thumbprint;

  private ProofKey(ObjectNode jwk, String thumbprint) {
    this.jwk = jwk;
    this.thumbprint = thumbprint;
  }

  /**
   * Reads the outline of a key.
   *
   * @param jwk what the sender shows
   * @return empty if it is no key of a kind that is known
   */
  public static Optional<ProofKey> of(@Nullable JsonNode jwk) {
    if (!(jwk instanceof ObjectNode json)) {
      return Optional.empty();
    }
    List<String> members = switch (CompactToken.text(json, "kty").orElse("")) {
      case "RSA" -> List.of("e", "kty", "n");
      case "EC" -> List.of("crv", "kty", "x", "y");
      case "OKP" -> List.of("crv", "kty", "x");
      default -> List.of();
    };
    StringBuilder canonical = new StringBuilder("{");
    for (String member : members) {
      Optional<String> value = CompactToken.text(json, member).filter(ProofKey::isPlain);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      canonical.append(canonical.length() > 1 ? "," : "");
      canonical.append('"').append(member).append("\":\"").append(value.get()).append('"');
    }
    String text = canonical.append('}').toString();
    return members.isEmpty()
        ? Optional.empty()
        : Optional.of(new ProofKey(
            json, Base64Url.encode(Sha256.digest(text.getBytes(StandardCharsets.US_ASCII)))));
  }

  /**
   * The key's thumbprint.
   *
   * @return SHA-256 in base64url
   */
  public String thumbprint() {
    return thumbprint;
  }

  /**
   * Verifies a signature.
   *
   * @param algorithm of the signature
   * @param input the bytes that were signed
   * @param signature what is claimed to be their signature
   * @return false also when the key is private, weak, or not for the algorithm
   */
  public boolean verifies(TokenAlgorithm algorithm, byte[] input, byte[] signature) {
    return KeySet.single(jwk)
        .filter(key -> key.suits(algorithm))
        .filter(key -> key.verifies(algorithm, input, signature))
        .isPresent();
  }

  /** Such as base64url and the names of types and curves: needs no escape in JSON. */
  private static boolean isPlain(String text) {
    return !text.isEmpty()
        && text.chars()
            .allMatch(c -> (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_');
  }
}
