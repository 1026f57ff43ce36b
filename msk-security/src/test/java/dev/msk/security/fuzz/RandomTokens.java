package dev.msk.security.fuzz;

import dev.msk.security.TokenAlgorithm;
import dev.msk.security.testing.TestIdp;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;

/** Tokens of an issuer: members that are added, replaced or doubled before it signs, and characters that are changed after that. */
final class RandomTokens {

  private static final List<String> NAMES = List.of(
      "alg", "kid", "typ", "cty", "crit", "b64", "jwk", "jku", "x5c", "zip", "enc", "iss", "sub",
      "aud", "exp", "nbf", "iat", "jti", "scope", "cnf", "x");
  private static final List<String> VALUES = List.of(
      "null",
      "true",
      "0",
      "-1",
      "1e308",
      "9999999999999999999",
      "\"\"",
      "\"none\"",
      "\"ES256\"",
      "\"RS256\"",
      "\"HS256\"",
      "\"at+jwt\"",
      "\"JWT\"",
      "\"orders\"",
      "\"billing\"",
      "[]",
      "[\"orders\"]",
      "[\"exp\"]",
      "[\"b64\"]",
      "{}",
      "{\"a\":1}",
      "\"\\u0000\"",
      "\"https://evil.example\"",
      "4102444800",
      "\"4102444800\"");

  private final TestIdp idp;
  private final RandomGenerator random;

  RandomTokens(TestIdp idp, RandomGenerator random) {
    this.idp = idp;
    this.random = random;
  }

  String next() {
    // Three of four by RSA, which is checked in a thirtieth of the time.
    TokenAlgorithm algorithm = random.nextInt(4) == 0 ? TokenAlgorithm.ES256 : TokenAlgorithm.RS256;
    String header = "{\"alg\":\"" + algorithm.header() + "\",\"typ\":\"at+jwt\",\"kid\":\""
        + idp.keyId(algorithm) + "\"}";
    int wrong = random.nextInt(30);
    long issuedAt = System.currentTimeMillis() / 1000 - (wrong == 2 ? 3_600 : 0);
    String claims = "{\"iss\":\"" + (wrong == 0 ? "https://evil.example" : idp.issuer())
        + "\",\"sub\":\"alice\",\"aud\":\"" + (wrong == 1 ? "billing" : "orders") + "\",\"iat\":"
        + issuedAt + ",\"exp\":" + (issuedAt + 300) + "}";
    for (int i = random.nextInt(3); i > 0; i--) {
      if (random.nextBoolean()) {
        header = spoilt(header);
      } else {
        claims = spoilt(claims);
      }
    }
    String token = idp.sign(algorithm, header, claims);
    return random.nextInt(3) == 0 ? changed(token) : token;
  }

  private String spoilt(String json) {
    String member = "\"" + NAMES.get(random.nextInt(NAMES.size())) + "\":"
        + VALUES.get(random.nextInt(VALUES.size()));
    return switch (random.nextInt(4)) {
      case 0 -> "{" + member + "," + json.substring(1);
      case 1 -> json.substring(0, json.length() - 1) + "," + member + "}";
      case 2 -> replaced(json, member);
      default ->
        json.substring(0, json.length() - 1) + " ,\t\"y\":[" + "[".repeat(random.nextInt(20))
            + "]".repeat(random.nextInt(20)) + "]}";
    };
  }

  /** Another value for a member that is there, or another member in its place. */
  private String replaced(String json, String member) {
    String[] members = json.substring(1, json.length() - 1).split(",", -1);
    int at = random.nextInt(members.length);
    String name = members[at].substring(0, members[at].indexOf(':') + 1);
    members[at] = random.nextBoolean() && name.startsWith("\"")
        ? name + VALUES.get(random.nextInt(VALUES.size()))
        : member;
    return "{" + String.join(",", members) + "}";
  }

  private String changed(String token) {
    int at = random.nextInt(token.length());
    return switch (random.nextInt(6)) {
      case 0 -> token + "=";
      case 1 -> token.substring(0, at) + (char) random.nextInt(128) + token.substring(at);
      case 2 -> token.substring(0, at) + token.substring(at + 1);
      case 3 -> token.substring(0, token.length() - 1) + (char) random.nextInt(0x30, 0x7b);
      case 4 ->
        token.substring(0, token.lastIndexOf('.') + 1)
            + Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[random.nextInt(300)]);
      default -> token + "." + at;
    };
  }
}
