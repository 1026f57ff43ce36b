package dev.msk.security.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import dev.msk.security.TokenAlgorithm;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The keys of an issuer that may be used: asymmetric, for signatures, strong, each with a name of its own. Keys that are not
 * are left out and told of; they do not spoil the others. Those that are declared for encryption are none of ours, and are left out
 * without a word: Keycloak publishes one in each realm. Immutable.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7517">RFC 7517</a>
 */
public final class KeySet {

  private static final int MAX_KEYS = 100;
  private static final int MAX_ID_LENGTH = 256;
  private static final int ED25519_BYTES = 32;
  private static final List<String> PRIVATE_MEMBERS =
      List.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");
  private static final Set<String> PUBLIC_MEMBERS = Set.of("kty", "n", "e", "crv", "x", "y");

  private final Map<String, TokenKey> byId;
  private final List<TokenKey> keys;
  private final List<String> faults;

  private KeySet(List<TokenKey> keys, List<String> faults) {
    this.keys = List.copyOf(keys);
    this.faults = List.copyOf(faults);
    Map<String, TokenKey> names = new HashMap<>();
    keys.forEach(key -> key.id().ifPresent(id -> names.put(id, key)));
    this.byId = Map.copyOf(names);
  }

  /**
   * Reads a key set.
   *
   * @param json the document
   * @return the usable keys, possibly none
   * @throws IllegalArgumentException if it is no key set, or has more than 100 keys
   */
  public static KeySet parse(byte[] json) {
    JsonNode members = StrictJson.object(json)
        .map(set -> set.get("keys"))
        .filter(JsonNode::isArray)
        .orElseThrow(() -> new IllegalArgumentException(
            "key set: not a JSON object by strict rules with an array \"keys\""));
    if (members.size() > MAX_KEYS) {
      throw new IllegalArgumentException(
          "key set: " + members.size() + " keys (expected: <= " + MAX_KEYS + ")");
    }
    List<String> faults = new ArrayList<>();
    List<TokenKey> keys = new ArrayList<>();
    Set<String> repeated = repeatedIds(members);
    for (int i = 0; i < members.size(); i++) {
      if (isForEncryption(members.get(i))) {
        continue;
      }
      try {
        keys.add(usable(members.get(i), repeated));
      } catch (UnusableKeyException e) {
        faults.add("keys[" + i + "]: " + e.getMessage());
      }
    }
    return new KeySet(keys, faults);
  }

  /**
   * Reads a key that stands alone, by the same rules.
   *
   * @param jwk the key
   * @return empty if it may not be used
   */
  public static Optional<TokenKey> single(ObjectNode jwk) {
    try {
      return Optional.of(usable(jwk, Set.of()));
    } catch (UnusableKeyException e) {
      return Optional.empty();
    }
  }

  /**
   * Finds the key of a token.
   *
   * @param id the key that the token names; without one, the set's only key for the algorithm is meant
   * @param algorithm of the token
   * @return the key, which need not suit the algorithm if it was found by its name
   */
  public Optional<TokenKey> find(Optional<String> id, TokenAlgorithm algorithm) {
    if (id.isPresent()) {
      return Optional.ofNullable(byId.get(id.get()));
    }
    List<TokenKey> suitable = keys.stream().filter(key -> key.suits(algorithm)).toList();
    return suitable.size() == 1 ? Optional.of(suitable.get(0)) : Optional.empty();
  }

  /**
   * How many keys are usable.
   *
   * @return zero or more
   */
  public int size() {
    return keys.size();
  }

  /**
   * Why keys were left out.
   *
   * @return a sentence for each
   */
  public List<String> faults() {
    return faults;
  }

  private static TokenKey usable(JsonNode member, Set<String> repeated)
      throws UnusableKeyException {
    try {
      return key(member, repeated);
    } catch (ParseException
        | JOSEException
        | GeneralSecurityException
        | IllegalArgumentException
        | IllegalStateException e) {
      throw new UnusableKeyException(String.valueOf(e.getMessage()));
    }
  }

  private static TokenKey key(JsonNode member, Set<String> repeated)
      throws UnusableKeyException, ParseException, JOSEException, GeneralSecurityException {
    if (!(member instanceof ObjectNode json)) {
      throw new UnusableKeyException("not an object");
    }
    for (String name : PRIVATE_MEMBERS) {
      if (json.has(name)) {
        throw new UnusableKeyException(name + ": present (expected: a public key)");
      }
    }
    Optional<String> id = CompactToken.text(json, "kid");
    if (json.has("kid") && id.filter(name -> name.length() <= MAX_ID_LENGTH).isEmpty()) {
      throw new UnusableKeyException("kid: no text, or more than 256 characters");
    }
    if (id.filter(repeated::contains).isPresent()) {
      throw new UnusableKeyException("kid: another key has the same");
    }
    requireForVerification(json);
    ObjectNode bare = json.deepCopy().retain(PUBLIC_MEMBERS);
    String type = CompactToken.text(json, "kty").orElse("");
    return switch (type) {
      case "RSA" -> {
        RSAPublicKey key = ((RSAKey) JWK.parse(StrictJson.write(bare))).toRSAPublicKey();
        RsaStrength.require(key);
        yield TokenKey.rsa(id, declared(json, TokenAlgorithm.RS256, TokenAlgorithm.PS256), key);
      }
      case "EC" -> {
        requireCurve(json, "P-256");
        ECKey key = (ECKey) JWK.parse(StrictJson.write(bare));
        yield TokenKey.ec(id, declared(json, TokenAlgorithm.ES256), key.toECPublicKey());
      }
      case "OKP" -> {
        requireCurve(json, "Ed25519");
        byte[] point = CompactToken.text(json, "x")
            .flatMap(Base64Url::decode)
            .filter(bytes -> bytes.length == ED25519_BYTES)
            .orElseThrow(() -> new UnusableKeyException("x: not 32 bytes in base64url"));
        yield TokenKey.ed25519(id, declared(json, TokenAlgorithm.EDDSA), point);
      }
      default -> throw new UnusableKeyException("kty: not supported (expected: RSA, EC or OKP)");
    };
  }

  private static boolean isForEncryption(JsonNode member) {
    return member instanceof ObjectNode json
        && CompactToken.text(json, "use").equals(Optional.of("enc"));
  }

  private static void requireForVerification(ObjectNode json) throws UnusableKeyException {
    if (json.has("use") && !CompactToken.text(json, "use").equals(Optional.of("sig"))) {
      throw new UnusableKeyException("use: not for signatures (expected: sig)");
    }
    JsonNode operations = json.get("key_ops");
    if (operations != null
        && Stream.iterate(0, i -> i < operations.size(), i -> i + 1)
            .noneMatch(i -> operations.get(i).asText().equals("verify"))) {
      throw new UnusableKeyException("key_ops: no verify");
    }
  }

  private static void requireCurve(ObjectNode json, String curve) throws UnusableKeyException {
    if (!CompactToken.text(json, "crv").equals(Optional.of(curve))) {
      throw new UnusableKeyException("crv: not supported (expected: " + curve + ")");
    }
  }

  /** The algorithms of the type, or the one that the key declares; none if that is not ours. */
  private static Set<TokenAlgorithm> declared(ObjectNode json, TokenAlgorithm... ofType) {
    Set<TokenAlgorithm> possible = EnumSet.noneOf(TokenAlgorithm.class);
    possible.addAll(List.of(ofType));
    if (json.has("alg")) {
      Optional<TokenAlgorithm> only =
          CompactToken.text(json, "alg").flatMap(TokenAlgorithm::ofHeader);
      possible.removeIf(algorithm -> !only.equals(Optional.of(algorithm)));
    }
    return possible;
  }

  private static Set<String> repeatedIds(JsonNode members) {
    Set<String> seen = new HashSet<>();
    Set<String> repeated = new HashSet<>();
    for (JsonNode member : members) {
      if (member instanceof ObjectNode json) {
        CompactToken.text(json, "kid").filter(id -> !seen.add(id)).ifPresent(repeated::add);
      }
    }
    return repeated;
  }
}
