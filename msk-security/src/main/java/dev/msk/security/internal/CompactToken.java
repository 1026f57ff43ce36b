package dev.msk.security.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.Verification.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A signed token in compact form, taken apart by strict rules before any cryptography. Nothing in it is trusted yet.
 *
 * @param header the header, not to be changed: other tokens have the same
 * @param claims the payload
 * @param signingInput the bytes that were signed
 * @param signature the signature
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8725#section-3">RFC 8725, section 3</a>
 */
public record CompactToken(
    ObjectNode header, ObjectNode claims, byte[] signingInput, byte[] signature) {

  /** The longest token, in characters. */
  public static final int MAX_LENGTH = 8192;

  private static final int MAX_KEY_ID_LENGTH = 256;

  /** Change how the token is read ({@code crit}, {@code b64}, {@code zip}, {@code enc}) or bring a key of the sender's. */
  private static final List<String> FORBIDDEN =
      List.of("crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c");

  /** Change nothing here; what is no text is no header of RFC 7515. */
  private static final List<String> TEXTS = List.of("cty", "x5t", "x5t#S256");

  private static final List<String> FORBIDDEN_IN_PROOFS =
      FORBIDDEN.stream().filter(name -> !name.equals("jwk")).toList();

  private static final KnownHeaders KNOWN = new KnownHeaders();

  /**
   * Reads a token.
   *
   * @param token what the caller sent
   * @return its parts
   * @throws Refusal if it breaks a rule
   */
  public static CompactToken parse(@Nullable String token) throws Refusal {
    return parse(token, CompactToken::header);
  }

  /**
   * Reads a proof that a key is held, which is a token with this key in its header.
   *
   * @param proof what the caller sent
   * @return its parts
   * @throws Refusal if it breaks a rule
   */
  public static CompactToken parseProof(String proof) throws Refusal {
    return parse(proof, encoded -> allowed(encoded, FORBIDDEN_IN_PROOFS));
  }

  private static CompactToken parse(@Nullable String token, HeaderReader headers) throws Refusal {
    if (token == null) {
      throw malformed("no token");
    }
    if (token.length() > MAX_LENGTH) {
      throw new Refusal(
          Reason.TOO_LARGE, "token: " + token.length() + " characters (expected: <= 8192)");
    }
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    if (first <= 0 || second <= first + 1 || token.indexOf('.', second + 1) >= 0) {
      throw malformed("token: not three parts (expected: header.payload.signature)");
    }
    ObjectNode header = headers.read(token.substring(0, first));
    ObjectNode claims = object("payload", token.substring(first + 1, second));
    byte[] signature = bytes("signature", token.substring(second + 1));
    return new CompactToken(
        header, claims, token.substring(0, second).getBytes(StandardCharsets.US_ASCII), signature);
  }

  /**
   * The algorithm that the token names.
   *
   * @return the value of {@code alg}
   * @throws Refusal if there is none
   */
  public String algorithm() throws Refusal {
    return text(header, "alg")
        .orElseThrow(() -> new Refusal(Reason.ALGORITHM, "alg: absent or no text"));
  }

  /**
   * The key that the token names; an opaque name, used for a look-up in a map and for nothing else.
   *
   * @return the value of {@code kid}, if there is one
   * @throws Refusal if it is no text, or too long
   */
  public Optional<String> keyId() throws Refusal {
    if (!header.has("kid")) {
      return Optional.empty();
    }
    Optional<String> kid = text(header, "kid").filter(name -> name.length() <= MAX_KEY_ID_LENGTH);
    if (kid.isEmpty()) {
      throw new Refusal(Reason.HEADER, "kid: no text, or too long (expected: <= 256 characters)");
    }
    return kid;
  }

  /**
   * A member that is text.
   *
   * @param object header or claims
   * @param name of the member
   * @return the text; empty if there is no such member or it is something else
   */
  public static Optional<String> text(ObjectNode object, String name) {
    JsonNode value = object.get(name);
    return value != null && value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
  }

  private static ObjectNode header(String encoded) throws Refusal {
    ObjectNode known = KNOWN.find(encoded);
    if (known != null) {
      return known;
    }
    ObjectNode header = allowed(encoded, FORBIDDEN);
    KNOWN.keep(encoded, header);
    return header;
  }

  private static ObjectNode allowed(String encoded, List<String> forbidden) throws Refusal {
    ObjectNode header = object("header", encoded);
    for (String name : forbidden) {
      if (header.has(name)) {
        throw new Refusal(Reason.HEADER, name + ": present in the header (expected: absent)");
      }
    }
    for (String name : TEXTS) {
      if (header.has(name) && text(header, name).isEmpty()) {
        throw new Refusal(
            Reason.HEADER, name + ": no text in the header (expected: text, or absent)");
      }
    }
    return header;
  }

  private static ObjectNode object(String part, String encoded) throws Refusal {
    return StrictJson.object(bytes(part, encoded))
        .orElseThrow(() -> malformed(part + ": not a JSON object by strict rules"));
  }

  private static byte[] bytes(String part, String encoded) throws Refusal {
    return Base64Url.decode(encoded)
        .orElseThrow(() -> malformed(part + ": not canonical base64url"));
  }

  private static Refusal malformed(String message) {
    return new Refusal(Reason.MALFORMED, message);
  }

  private interface HeaderReader {
    ObjectNode read(String encoded) throws Refusal;
  }
}
