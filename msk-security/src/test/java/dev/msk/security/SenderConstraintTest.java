package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.msk.core.testing.ManualTime;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Request;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens that are bound to their sender, in other hands; each of them is remembered by the verifier. */
final class SenderConstraintTest {

  private static final ManualTime TIME = ManualTime.create();
  private static final TestIdp IDP =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256).clock(TIME).start();
  private static final TestIdp CLIENT = TestIdp.builder()
      .algorithms(TokenAlgorithm.ES256, TokenAlgorithm.EDDSA)
      .clock(TIME)
      .start();
  private static final TestIdp THIEF =
      TestIdp.builder().algorithms(TokenAlgorithm.ES256).clock(TIME).start();
  private static final URI ORDERS = URI.create("https://shop.example/orders");

  private final TokenVerifier verifier =
      builder().dpop(DpopProofs.builder().maxRemembered(4, 2).build()).build();

  @TempDir
  private Path folder;

  @AfterAll
  static void stop() {
    IDP.close();
    CLIENT.close();
    THIEF.close();
  }

  @Test
  void tokenOfACertificate_isTakenFromItsHolderOnly() throws Exception {
    X509Certificate own = certificate("orders");
    X509Certificate another = certificate("payments");
    String token = bound(Map.of("x5t#S256", thumbprint(own.getEncoded())));

    assertThat(verifier.verify(token, RequestBinding.none().certificate(own)))
        .isInstanceOf(Verified.class);

    assertReason(Reason.BINDING, token, RequestBinding.none());
    assertReason(Reason.BINDING, token, RequestBinding.none().peer(null));
    assertReason(Reason.BINDING, token, RequestBinding.none().certificate(another));
    assertThat(verifier.verify(token)).isInstanceOf(Rejected.class);
    assertThat(verifier.verify(token, RequestBinding.none().certificate(own)))
        .isInstanceOf(Verified.class);
  }

  @Test
  void tokenOfAKey_isTakenWithItsProof() throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));

    assertThat(verifier.verify(token, dpop(proof(token).sign()))).isInstanceOf(Verified.class);
  }

  @Test
  void keyOfEd25519_isAKeyToo() throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 1)));
    Proof proof = proof(token);
    proof.header.put("alg", "EdDSA");
    proof.header.put("jwk", jwk(CLIENT, 1));

    assertThat(verifier.verify(
            token, dpop(CLIENT.sign(TokenAlgorithm.EDDSA, json(proof.header), json(proof.claims)))))
        .isInstanceOf(Verified.class);
  }

  @Test
  void tokenOfAKey_asPlainBearer_isRefused() throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));

    assertReason(Reason.BINDING, token, RequestBinding.none());
  }

  @Test
  void proof_isGoodOnce() throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));
    String proof = proof(token).sign();
    assertThat(verifier.verify(token, dpop(proof))).isInstanceOf(Verified.class);

    assertReason(Reason.REPLAY, token, dpop(proof));
    TIME.advance(Duration.ofMillis(59_999));
    assertReason(Reason.REPLAY, token, dpop(proof));
    TIME.advance(Duration.ofMillis(1));

    assertReason(Reason.PROOF, token, dpop(proof));
  }

  @Test
  void proofThatIsUsedByManyAtOnce_isGoodOnce() throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));
    String proof = proof(token).sign();
    ExecutorService threads = Executors.newFixedThreadPool(8);

    try {
      List<Callable<Verification>> calls =
          Collections.nCopies(200, () -> verifier.verify(token, dpop(proof)));
      int verified = 0;
      for (Future<Verification> result : threads.invokeAll(calls)) {
        verified += result.get() instanceof Verified ? 1 : 0;
      }
      assertThat(verified).isEqualTo(1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void identifierOfAnotherKeysProof_isNotUsedUp() throws Exception {
    String own = bound(Map.of("jkt", jkt(CLIENT, 0)));
    String other = bound(Map.of("jkt", jkt(THIEF, 0)));
    Proof first = proof(own);
    Proof second = proof(other);
    second.claims.put("jti", first.claims.get("jti"));
    second.header.put("jwk", jwk(THIEF, 0));
    assertThat(verifier.verify(other, dpop(second.sign(THIEF)))).isInstanceOf(Verified.class);

    assertThat(verifier.verify(own, dpop(first.sign()))).isInstanceOf(Verified.class);
  }

  @Test
  void clientThatHasUsedUpItsRoom_isRefused_andOthersAreNot() throws Exception {
    String own = bound(Map.of("jkt", jkt(CLIENT, 0)));
    String other = bound(Map.of("jkt", jkt(THIEF, 0)));
    assertThat(verifier.verify(own, dpop(proof(own).sign()))).isInstanceOf(Verified.class);
    assertThat(verifier.verify(own, dpop(proof(own).sign()))).isInstanceOf(Verified.class);

    assertReason(Reason.PROOF, own, dpop(proof(own).sign()));
    Proof others = proof(other);
    others.header.put("jwk", jwk(THIEF, 0));
    assertThat(verifier.verify(other, dpop(others.sign(THIEF)))).isInstanceOf(Verified.class);
    TIME.advance(Duration.ofSeconds(90));
    String later = bound(Map.of("jkt", jkt(CLIENT, 0)));
    assertThat(verifier.verify(later, dpop(proof(later).sign()))).isInstanceOf(Verified.class);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "claim, htm, GET",
        "claim, htm, post",
        "claim, htm, null",
        "claim, htu, https://shop.example/orders/",
        "claim, htu, https://shop.example.evil.example/orders",
        "claim, htu, http://shop.example/orders",
        "claim, htu, https://shop.example:8443/orders",
        "claim, htu, https://user@shop.example/orders",
        "claim, htu, https://shop.example/x/../orders",
        "claim, htu, /orders",
        "claim, htu, null",
        "claim, ath, fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo",
        "claim, ath, null",
        "claim, jti, null",
        "claim, jti, ''",
        "claim, iat, null",
        "claim, iat, now",
        "header, typ, JWT",
        "header, typ, at+jwt",
        "header, typ, null",
        "header, alg, none",
        "header, alg, HS256",
        "header, alg, RS256",
        "header, jwk, null",
        "header, jku, https://evil.example/",
        "header, crit, x",
      })
  void proofThatSaysAnother_isRefused(String part, String name, @Nullable String value)
      throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));
    Proof proof = proof(token);
    Map<String, Object> changed = part.equals("claim") ? proof.claims : proof.header;
    if (value == null) {
      changed.remove(name);
    } else {
      changed.put(name, value);
    }

    assertReason(Reason.PROOF, token, dpop(proof.sign()));
    assertThat(verifier.verify(token, dpop(proof(token).sign()))).isInstanceOf(Verified.class);
  }

  @ParameterizedTest
  @CsvSource({"-60, false", "-59, true", "30, true", "31, false"})
  void proof_isTakenInItsWindow(long secondsFromNow, boolean taken) throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));
    Proof proof = proof(token);
    proof.claims.put("iat", TIME.instant().getEpochSecond() + secondsFromNow);

    assertThat(verifier.verify(token, dpop(proof.sign())) instanceof Verified).isEqualTo(taken);
  }

  @ParameterizedTest
  @CsvSource({
    "HTTPS://SHOP.example:443/orders",
    "https://shop.example/%6frders",
    "https://shop.example/orders?page=2",
    "https://shop.example/orders#top"
  })
  void uriInAnotherSpelling_isTheSame(String uri) throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));
    Proof proof = proof(token);
    proof.claims.put("htu", uri);

    assertThat(verifier.verify(token, dpop(proof.sign()))).isInstanceOf(Verified.class);
  }

  @Test
  void keyThatTheTokenDoesNotName_isRefused() throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));
    Proof stolen = proof(token);
    stolen.header.put("jwk", jwk(THIEF, 0));

    assertReason(Reason.PROOF, token, dpop(stolen.sign(THIEF)));
    assertReason(Reason.PROOF, token, dpop(proof(token).sign(THIEF)));
  }

  @Test
  void privateKeyInTheProof_isRefused() throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));
    Proof proof = proof(token);
    Map<String, Object> jwk = new HashMap<>(jwk(CLIENT, 0));
    jwk.put("d", "AAAA");
    proof.header.put("jwk", jwk);

    assertReason(Reason.PROOF, token, dpop(proof.sign()));
  }

  @Test
  void noProof_twoProofs_andGarbage_areRefused() throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));

    assertReason(Reason.PROOF, token, dpop());
    assertReason(Reason.PROOF, token, dpop(proof(token).sign(), proof(token).sign()));
    for (String garbage : List.of("", "x", "a.b.c", token, "x".repeat(9000), "\ud800")) {
      assertReason(Reason.PROOF, token, dpop(garbage));
    }
  }

  @Test
  void bindingsThatNobodyCanProve_areRefused() throws Exception {
    List<Object> unknown = List.of(
        Map.of(),
        Map.of("kid", "k"),
        Map.of("jkt", jkt(CLIENT, 0), "kid", "k"),
        Map.of("jkt", jkt(CLIENT, 0), "kc-jkt-type", "other"),
        Map.of("kc-jkt-type", "DPoP"),
        Map.of("jkt", 1),
        Map.of("x5t#S256", 1),
        "text",
        List.of());
    for (Object cnf : unknown) {
      assertReason(Reason.BINDING, bound(cnf), RequestBinding.none());
    }
    Map<String, @Nullable Object> nothing = new HashMap<>();
    nothing.put("jkt", null);
    assertReason(Reason.BINDING, bound(nothing), RequestBinding.none());
  }

  @Test
  void tokenOfKeycloak_isBoundByItsKey() throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0), "kc-jkt-type", "DPoP"));

    assertThat(verifier.verify(token, dpop(proof(token).sign()))).isInstanceOf(Verified.class);
    assertReason(Reason.BINDING, token, RequestBinding.none());
  }

  @Test
  void tokenOfBoth_needsBoth() throws Exception {
    X509Certificate own = certificate("orders");
    String token = bound(Map.of("x5t#S256", thumbprint(own.getEncoded()), "jkt", jkt(CLIENT, 0)));

    assertReason(Reason.BINDING, token, RequestBinding.none().certificate(own));
    assertReason(Reason.BINDING, token, dpop(proof(token).sign()));
    assertThat(verifier.verify(token, dpop(proof(token).sign()).certificate(own)))
        .isInstanceOf(Verified.class);
  }

  @Test
  void plainToken_isRefusedWhereItMustBeBound_andWhereItComesByDpop() throws Exception {
    TokenVerifier strict = builder().bindingRequired().build();
    String plain = IDP.token("alice").audience("orders").sign();

    assertThat(strict.verify(plain)).isInstanceOf(Rejected.class);
    assertReason(Reason.BINDING, plain, dpop(proof(plain).sign()));
    assertThat(verifier.verify(plain)).isInstanceOf(Verified.class);
  }

  @Test
  void withoutDpop_tokensOfAKeyAreRefused() throws Exception {
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));

    assertThat(builder().build().verify(token, dpop(proof(token).sign())))
        .isEqualTo(new Rejected(
            Reason.BINDING, "cnf: bound to a key, and DPoP proofs are not taken here"));
  }

  @Test
  void door_takesDpop_andSaysSoWhenItDoesNot() throws Exception {
    BearerAuthentication door = BearerAuthentication.of(
        verifier, AccessRules.of(AccessRule.named("all").anyCaller().actions("POST /orders")));
    String token = bound(Map.of("jkt", jkt(CLIENT, 0)));
    String proof = proof(token).sign();
    Request request = Request.of("POST", "/orders", "DPoP " + token);
    String algorithms = ", algs=\"RS256 PS256 ES256 EdDSA\"";

    assertThat(door.authenticate(request.dpop(ORDERS, List.of(proof))))
        .isInstanceOf(Outcome.Authenticated.class);
    assertThat(challenge(door.authenticate(request.dpop(ORDERS, List.of(proof)))))
        .isEqualTo("DPoP error=\"invalid_dpop_proof\"" + algorithms);
    assertThat(challenge(door.authenticate(Request.of("POST", "/orders", "DPoP x.y.z")
            .dpop(ORDERS, List.of(proof(token).sign())))))
        .isEqualTo("DPoP error=\"invalid_token\"" + algorithms);
    assertThat(challenge(door.authenticate(request))).isEqualTo("Bearer");
    assertThat(challenge(door.authenticate(Request.of("POST", "/orders", "Bearer " + token)
            .dpop(ORDERS, List.of(proof(token).sign())))))
        .isEqualTo("Bearer error=\"invalid_token\"");
  }

  @Test
  void build_namesEveryFault() {
    assertThatThrownBy(() ->
            DpopProofs.builder().maxAge(Duration.ofHours(1)).maxRemembered(1, 2).build())
        .hasMessage("maxAge: PT1H (expected: more than zero, <= PT10M); "
            + "maxRemembered: 1, 2 per key (expected: 1 <= per key <= total)");
  }

  private static TokenVerifier.Builder builder() {
    return TokenVerifier.builder(IDP.issuer(), JwksSource.fixed(IDP.jwks()))
        .audience("orders")
        .cache(100, Duration.ofMinutes(5))
        .clock(TIME)
        .ticker(TIME);
  }

  private static String challenge(Outcome outcome) {
    return ((Outcome.Refused) outcome).wwwAuthenticate();
  }

  private static String bound(Object cnf) {
    return IDP.token("alice").audience("orders").claim("cnf", cnf).sign();
  }

  private static RequestBinding dpop(String... proofs) {
    return RequestBinding.none().dpop("POST", ORDERS, Arrays.asList(proofs));
  }

  private static Proof proof(String token) throws Exception {
    return new Proof(token);
  }

  private X509Certificate certificate(String name) throws Exception {
    Path files =
        TestCa.create("shop.example").certificate(name).issue().writeTo(folder.resolve(name));
    try (InputStream pem = Files.newInputStream(files.resolve("tls.crt"))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
    }
  }

  private static Map<String, Object> jwk(TestIdp holder, int index) throws Exception {
    return JWKSet.parse(holder.jwks()).getKeys().get(index).toJSONObject();
  }

  private static String jkt(TestIdp holder, int index) throws Exception {
    return JWKSet.parse(holder.jwks()).getKeys().get(index).computeThumbprint().toString();
  }

  private static String thumbprint(byte[] bytes) throws Exception {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static String json(Map<String, Object> values) {
    return JSONObjectUtils.toJSONString(values);
  }

  private void assertReason(Reason reason, String token, RequestBinding binding) {
    assertThat(verifier.verify(token, binding))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> assertThat(rejected.reason()).as(rejected.safeMessage()).isEqualTo(reason));
  }

  /** An honest proof, to be spoilt. */
  private static final class Proof {

    private static int made;

    private final Map<String, Object> header = new HashMap<>();
    private final Map<String, Object> claims = new HashMap<>();

    Proof(String token) throws Exception {
      header.put("typ", "dpop+jwt");
      header.put("alg", "ES256");
      header.put("jwk", jwk(CLIENT, 0));
      claims.put("jti", "proof-" + made++);
      claims.put("htm", "POST");
      claims.put("htu", ORDERS.toString());
      claims.put("iat", TIME.instant().getEpochSecond());
      claims.put("ath", thumbprint(token.getBytes(StandardCharsets.US_ASCII)));
    }

    String sign() {
      return sign(CLIENT);
    }

    String sign(TestIdp holder) {
      return holder.sign(TokenAlgorithm.ES256, json(header), json(claims));
    }
  }
}
