package dev.msk.security;

import static dev.msk.security.TokenAlgorithm.EDDSA;
import static dev.msk.security.TokenAlgorithm.ES256;
import static dev.msk.security.TokenAlgorithm.PS256;
import static dev.msk.security.TokenAlgorithm.RS256;

import dev.msk.core.testing.ManualTime;
import dev.msk.security.Verification.Reason;
import dev.msk.security.testing.TestIdp;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Known attacks on tokens, beside an honest one, and a verifier that they are meant for. Lives as long as the tests. */
public final class TokenAttacks {

  static final ManualTime TIME = ManualTime.create();
  static final TestIdp IDP =
      TestIdp.builder().algorithms(RS256, PS256, ES256, EDDSA).clock(TIME).start();
  private static final TestIdp FOREIGN =
      TestIdp.builder().algorithms(RS256, ES256).clock(TIME).start();
  private static final JwksSource KEYS =
      JwksSource.discover(IDP.issuer()).ticker(TIME).build();
  static final TokenVerifier VERIFIER = verifier(SecurityEvents.none());
  private static final String KID = IDP.keyId(RS256);

  private TokenAttacks() {}

  /** What they are meant for, and what is told of them. */
  public static TokenVerifier verifier(SecurityEvents events) {
    return TokenVerifier.builder(IDP.issuer(), KEYS)
        .audience("orders")
        .clock(TIME)
        .events(events)
        .build();
  }

  /** Tokens that another one of our key's would be needed for, all different. */
  public static Stream<String> unknownKeys(int count) {
    return IntStream.range(0, count).mapToObj(i -> signed(header("RS256", "unknown-" + i, "")));
  }

  /** A token that names an address for its key. */
  public static String withKeyAt(String address) {
    return extra("\"jku\":\"" + address + "\",\"x5u\":\"" + address + "\"");
  }

  /** How often the issuer was asked for its keys. */
  public static int fetches() {
    return IDP.fetches();
  }

  /** All of them. */
  public static Stream<Attack> all() throws Exception {
    return Stream.of(algorithms(), headers(), spellings(), json(), claims(), signatures())
        .flatMap(List::stream);
  }

  /** A token that is taken. */
  public static String honestToken() {
    return honest().scopes("orders:write").sign();
  }

  private static List<Attack> algorithms() throws Exception {
    String input = base64(header("HS256", KID, "")) + "." + base64(honestClaims());
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(IDP.publicKey(RS256).getEncoded(), "HmacSHA256"));
    String confused = input + "." + base64(mac.doFinal(input.getBytes(StandardCharsets.UTF_8)));
    return List.of(
        new Attack("alg none", unsigned("none"), Reason.ALGORITHM),
        new Attack("alg nOnE", unsigned("nOnE"), Reason.ALGORITHM),
        new Attack("RS256 as HS256 (CVE-2016-10555)", confused, Reason.ALGORITHM),
        new Attack("alg RS384", signed(header("RS384", KID, "")), Reason.ALGORITHM),
        new Attack("alg rs256", signed(header("rs256", KID, "")), Reason.ALGORITHM),
        new Attack("alg a number", signed("{\"alg\":256,\"typ\":\"at+jwt\"}"), Reason.ALGORITHM),
        new Attack("no alg", signed("{\"typ\":\"at+jwt\"}"), Reason.ALGORITHM),
        new Attack(
            "encrypted, five parts (CVE-2026-29000)", honest().sign() + ".a.b", Reason.MALFORMED),
        new Attack(
            "a million rounds of PBES2 (CVE-2023-52428)",
            base64(
                    "{\"alg\":\"PBES2-HS256+A128KW\",\"enc\":\"A128GCM\",\"p2c\":1000000,\"p2s\":\"AA\"}")
                + ".AA.AA.AA.AA",
            Reason.MALFORMED),
        new Attack(
            "compressed, encrypted (CVE-2024-28180)",
            base64("{\"alg\":\"dir\",\"enc\":\"A128GCM\",\"zip\":\"DEF\"}") + "..AA.AA.AA",
            Reason.MALFORMED),
        new Attack(
            "PBES2 in a signed token's form",
            signed("{\"alg\":\"PBES2-HS256+A128KW\",\"p2c\":1000000,\"typ\":\"at+jwt\"}"),
            Reason.ALGORITHM));
  }

  private static List<Attack> headers() {
    return List.of(
        new Attack("embedded key (CVE-2018-0114)", extra("\"jwk\":{}"), Reason.HEADER),
        new Attack("jku", extra("\"jku\":\"http://evil.example/\""), Reason.HEADER),
        new Attack("x5u", extra("\"x5u\":\"http://evil.example/\""), Reason.HEADER),
        new Attack("x5c", extra("\"x5c\":[]"), Reason.HEADER),
        new Attack("unknown crit", extra("\"crit\":[\"x\"],\"x\":1"), Reason.HEADER),
        new Attack("empty crit", extra("\"crit\":[]"), Reason.HEADER),
        new Attack("b64 false without crit", extra("\"b64\":false"), Reason.HEADER),
        new Attack("b64 false with crit", extra("\"b64\":false,\"crit\":[\"b64\"]"), Reason.HEADER),
        new Attack("zip", extra("\"zip\":\"DEF\""), Reason.HEADER),
        new Attack("cty a number", extra("\"cty\":1"), Reason.HEADER),
        new Attack("huge kid", signed(header("RS256", "k".repeat(257), "")), Reason.HEADER),
        new Attack(
            "kid a number",
            signed("{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":1}"),
            Reason.HEADER),
        new Attack("kid a path", signed(header("RS256", "../../dev/null", "")), Reason.KEY_UNKNOWN),
        new Attack("kid SQL", signed(header("RS256", "' OR 1=1 --", "")), Reason.KEY_UNKNOWN),
        new Attack("logout token", honest().header("typ", "logout+jwt").sign(), Reason.TYPE),
        new Attack("plain JWT", honest().header("typ", "JWT").sign(), Reason.TYPE),
        new Attack("no type", honest().header("typ", null).sign(), Reason.TYPE));
  }

  private static List<Attack> spellings() {
    String good = honest().algorithm(ES256).sign();
    int signature = good.lastIndexOf('.') + 1;
    return List.of(
        new Attack("nothing", "", Reason.MALFORMED),
        new Attack("two parts", good.substring(0, signature - 1), Reason.MALFORMED),
        new Attack("empty header", good.substring(good.indexOf('.')), Reason.MALFORMED),
        new Attack("padded", good + "==", Reason.MALFORMED),
        new Attack("unused bits set", flipUnusedBits(good), Reason.MALFORMED),
        new Attack("line break", good + "\n", Reason.MALFORMED),
        new Attack("space within", good.replaceFirst("\\.", ". "), Reason.MALFORMED),
        new Attack("base64, not base64url", good.substring(0, signature) + "+/", Reason.MALFORMED),
        new Attack("not ASCII", good.replaceFirst("e", "\u212f"), Reason.MALFORMED),
        new Attack("JSON serialisation", "{\"payload\":\"a.b.c\"}", Reason.MALFORMED),
        new Attack("4 MB", "a".repeat(4 << 20), Reason.TOO_LARGE),
        new Attack("one character too long", "a".repeat(8193), Reason.TOO_LARGE));
  }

  private static List<Attack> json() {
    String header = header("RS256", KID, "");
    String deep = "[".repeat(17) + "]".repeat(17);
    return List.of(
        new Attack(
            "alg twice",
            signed("{\"alg\":\"RS256\",\"alg\":\"none\",\"typ\":\"at+jwt\"}"),
            Reason.MALFORMED),
        new Attack("sub twice", payload(honestClaims("\"sub\":\"bob\",")), Reason.MALFORMED),
        new Attack("deep", payload("{\"a\":" + deep + "}"), Reason.MALFORMED),
        new Attack("text behind", IDP.sign(RS256, header + "x", honestClaims()), Reason.MALFORMED),
        new Attack("an array", IDP.sign(RS256, header, "[]"), Reason.MALFORMED),
        new Attack("NaN", payload("{\"exp\":NaN}"), Reason.MALFORMED),
        new Attack(
            "number beyond doubles", payload(honestClaims("\"x\":1e999,")), Reason.MALFORMED),
        new Attack("long number", payload("{\"exp\":" + "1".repeat(40) + "}"), Reason.MALFORMED),
        new Attack(
            "not UTF-8",
            base64(header) + "." + base64(new byte[] {'{', '"', (byte) 0xc0, '"', ':', '1', '}'})
                + ".AA",
            Reason.MALFORMED));
  }

  private static List<Attack> claims() {
    return List.of(
        new Attack(
            "other issuer", honest().claim("iss", "https://evil.example").sign(), Reason.ISSUER),
        new Attack(
            "issuer with a slash", honest().claim("iss", IDP.issuer() + "/").sign(), Reason.ISSUER),
        new Attack("other audience", honest().audience("payments").sign(), Reason.AUDIENCE),
        new Attack("audience in part", honest().audience("orders-admin").sign(), Reason.AUDIENCE),
        new Attack("no audience", honest().claim("aud", null).sign(), Reason.AUDIENCE),
        new Attack("audiences not text", honest().claim("aud", List.of(1)).sign(), Reason.CLAIM),
        new Attack("no exp", honest().claim("exp", null).sign(), Reason.CLAIM),
        new Attack("exp as text", honest().claim("exp", "9999999999").sign(), Reason.CLAIM),
        new Attack("exp 1e308", honest().claim("exp", 1e308).sign(), Reason.CLAIM),
        new Attack("exp negative", honest().claim("exp", -1).sign(), Reason.CLAIM),
        new Attack("expired", honest().life(Duration.ofSeconds(-30)).sign(), Reason.EXPIRED),
        new Attack("not yet", honest().claim("nbf", epoch(31)).sign(), Reason.NOT_YET_VALID),
        new Attack(
            "iat in the future", honest().claim("iat", epoch(3600)).sign(), Reason.NOT_YET_VALID),
        new Attack("jti a list", honest().claim("jti", List.of("x")).sign(), Reason.CLAIM),
        new Attack("no sub", honest().claim("sub", null).sign(), Reason.CLAIM),
        new Attack("sub with a line break", honest().claim("sub", "a\nb").sign(), Reason.CLAIM));
  }

  private static List<Attack> signatures() {
    String token = honest().algorithm(ES256).sign();
    String input = token.substring(0, token.lastIndexOf('.') + 1);
    byte[] order = new byte[64];
    Arrays.fill(order, (byte) 0xff);
    String swapped = honest().sign();
    String other = honest().claim("sub", "root").sign();
    String forged = FOREIGN.sign(RS256, header("RS256", KID, ""), honestClaims());
    return List.of(
        new Attack("r = s = 0 (CVE-2022-21449)", input + base64(new byte[64]), Reason.SIGNATURE),
        new Attack("r, s over the order", input + base64(order), Reason.SIGNATURE),
        new Attack("no signature", input, Reason.SIGNATURE),
        new Attack(
            "signature in DER",
            input + base64(new byte[] {0x30, 6, 2, 1, 1, 2, 1, 1}),
            Reason.SIGNATURE),
        new Attack(
            "signature of another token",
            swapped.substring(0, swapped.lastIndexOf('.'))
                + other.substring(other.lastIndexOf('.')),
            Reason.SIGNATURE),
        new Attack("another issuer's key under our key's name", forged, Reason.SIGNATURE),
        new Attack(
            "RS256 on the PS256 key",
            IDP.sign(PS256, header("RS256", IDP.keyId(PS256), ""), honestClaims()),
            Reason.KEY_UNSUITABLE),
        new Attack(
            "bound to a key, sent by a bearer",
            honest().claim("cnf", Map.of("jkt", "thumb")).sign(),
            Reason.BINDING),
        new Attack(
            "bound to a certificate, sent without it",
            honest().claim("cnf", Map.of("x5t#S256", "thumb")).sign(),
            Reason.BINDING),
        new Attack(
            "ES256 on the RSA key",
            IDP.sign(ES256, header("ES256", KID, ""), honestClaims()),
            Reason.KEY_UNSUITABLE));
  }

  static TestIdp.Token honest() {
    return IDP.token("alice").audience("orders");
  }

  static String honestClaims() {
    return honestClaims("");
  }

  private static String honestClaims(String more) {
    return "{" + more + "\"iss\":\"" + IDP.issuer()
        + "\",\"sub\":\"alice\",\"aud\":\"orders\",\"exp\":" + epoch(60) + "}";
  }

  static String header(String algorithm, String kid, String more) {
    return "{" + more + "\"alg\":\"" + algorithm + "\",\"typ\":\"at+jwt\",\"kid\":\"" + kid + "\"}";
  }

  private static String extra(String member) {
    return signed(header("RS256", KID, member + ","));
  }

  private static String signed(String header) {
    return IDP.sign(RS256, header, honestClaims());
  }

  private static String payload(String claims) {
    return IDP.sign(RS256, header("RS256", KID, ""), claims);
  }

  private static String unsigned(String algorithm) {
    return base64(header(algorithm, KID, "")) + "." + base64(honestClaims()) + ".";
  }

  private static String flipUnusedBits(String token) {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int last = alphabet.indexOf(token.charAt(token.length() - 1));
    return token.substring(0, token.length() - 1) + alphabet.charAt(last ^ 1);
  }

  static long epoch(long secondsFromNow) {
    return TIME.instant().getEpochSecond() + secondsFromNow;
  }

  private static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  public record Attack(String name, String token, Reason reason) {

    @Override
    public String toString() {
      return name;
    }
  }
}
