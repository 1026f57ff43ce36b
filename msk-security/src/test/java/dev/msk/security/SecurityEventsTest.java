package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.msk.core.security.Authorizer.Decision;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.SecurityEvent.Level;
import dev.msk.security.SecurityEvent.Source;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Request;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SecurityEventsTest {

  private static final JsonMapper JSON = new JsonMapper();

  private final TestIdp idp = TestIdp.builder().algorithms(TokenAlgorithm.ES256).start();
  private final ManualTime time = ManualTime.startingAt(Instant.parse("2026-11-29T12:00:00Z"));
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final List<String> lines = new ArrayList<>();
  private final List<Level> levels = new ArrayList<>();
  private final SecurityEvents events = SecurityEvents.builder("orders")
      .lines((level, json) -> {
        levels.add(level);
        lines.add(json);
      })
      .linesPerSecond(3)
      .telemetry(telemetry)
      .clock(time)
      .ticker(time)
      .build();

  @TempDir
  private Path folder;

  @AfterEach
  void stop() {
    idp.close();
  }

  @Test
  void build_namesEveryFault() {
    assertThatThrownBy(() -> SecurityEvents.builder(" ").linesPerSecond(0).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("application: ' ' (expected: a name); linesPerSecond: 0 (expected: >= 1)");
  }

  @Test
  void refusedToken_isALineOfJson() throws Exception {
    String token =
        idp.token("alice").audience("orders").life(Duration.ofHours(-1)).sign();

    var refused = verifier().verify(token, RequestBinding.none().action("POST /orders"));

    assertThat(refused).isInstanceOf(Verification.Rejected.class);
    assertThat(JSON.readTree(lines.get(0)))
        .isEqualTo(JSON.createObjectNode()
            .put("datetime", "2026-11-29T12:00:00Z")
            .put("appid", "orders")
            .put("event", "authn_login_fail")
            .put("level", "WARN")
            .put("source", "TOKEN")
            .put("reason", "EXPIRED")
            .put("description", "exp: passed")
            .put("action", "POST /orders")
            .put("credential", shortHash(token)));
  }

  @Test
  void noTokenAtAll_isNoEvent() {
    assertThat(verifier().verify(null)).isInstanceOf(Verification.Rejected.class);
    assertThat(lines).isEmpty();
  }

  @Test
  void reasons_areWordsOfTheVocabulary() throws Exception {
    Revocations revocations = Revocations.builder().build();
    revocations.add(new Revocation.Subject("mallory", Instant.now().plusSeconds(60)));
    TokenVerifier verifier = TokenVerifier.builder(idp.issuer(), JwksSource.fixed(idp.jwks()))
        .audience("orders")
        .revocations(revocations)
        .events(events)
        .build();

    var form = verifier.verify("x");
    var none = verifier.verify(
        idp.sign(TokenAlgorithm.ES256, "{\"alg\":\"none\",\"typ\":\"at+jwt\"}", "{}"));
    var reuse = verifier.verify(idp.token("mallory").audience("orders").sign());

    assertThat(List.of(form, none, reuse)).hasOnlyElementsOfType(Verification.Rejected.class);
    assertThat(words())
        .containsExactly("input_validation_fail", "malicious_extraneous", "authn_token_reuse");
    assertThat(levels).containsExactly(Level.WARN, Level.CRITICAL, Level.CRITICAL);
  }

  @Test
  void door_tellsWhatNoRuleAllows() throws Exception {
    BearerAuthentication door = BearerAuthentication.of(
            verifier(), access -> new Decision(false, "default"))
        .events(events);
    String token = idp.token("alice").audience("orders").sign();

    assertThat(door.authenticate(Request.of("POST", "/or\nders", "Bearer " + token)))
        .isInstanceOf(Outcome.Refused.class);

    JsonNode line = JSON.readTree(lines.get(0));
    assertThat(line.get("event").textValue()).isEqualTo("authz_fail");
    assertThat(line.get("action").textValue()).isEqualTo("POST /or?ders");
    assertThat(line.get("subject").textValue()).isEqualTo("alice");
    assertThat(line.get("rule").textValue()).isEqualTo("default");
  }

  @Test
  void revocationsAndLogouts_areTold() throws Exception {
    Revocations revocations = Revocations.builder().events(events).build();
    LogoutTokens logouts = LogoutTokens.builder(idp.issuer(), JwksSource.fixed(idp.jwks()))
        .client("shop-web")
        .events(events)
        .build();

    revocations.add(new Revocation.Session("a-session-id"));
    assertThat(logouts.read("x")).isInstanceOf(LogoutTokens.Refused.class);

    assertThat(words()).containsExactly("authn_token_revoked", "input_validation_fail");
    assertThat(lines.get(0)).doesNotContain("a-session-id").contains(shortHash("a-session-id"));
  }

  @Test
  void tlsIdentity_tellsWhatItPublishesAndRefuses() throws Exception {
    TestCa ca = TestCa.create("shop.example");
    Path files = ca.certificate("orders").issue().writeTo(folder);
    TlsIdentity identity = TlsIdentity.builder(files).events(events).build();

    Files.writeString(files.resolve("tls.key"), "no key");
    assertThat(identity.reload()).isInstanceOf(TlsIdentity.Reload.Refused.class);
    assertThat(identity.reload()).isInstanceOf(TlsIdentity.Reload.Refused.class);
    ca.certificate("orders").issue().writeTo(folder);
    assertThat(identity.reload()).isEqualTo(new TlsIdentity.Reload.Published(2));

    assertThat(words())
        .containsExactly(
            "tls_identity_published", "tls_identity_refused", "tls_identity_published");
    assertThat(JSON.readTree(lines.get(0)).get("subject").textValue())
        .isEqualTo("spiffe://shop.example/orders");
    assertThat(JSON.readTree(lines.get(1)).get("generation").textValue()).isEqualTo("1");
  }

  @Test
  void flood_writesFewLines_saysHowManyMore_andHidesNoOtherType() throws Exception {
    for (int i = 0; i < 50; i++) {
      events.emit(SecurityEvent.of(EventType.AUTHN_LOGIN_FAIL, Source.TOKEN));
    }
    events.emit(SecurityEvent.of(EventType.TLS_IDENTITY_REFUSED, Source.TLS));
    time.advance(Duration.ofSeconds(1));
    events.emit(SecurityEvent.of(EventType.AUTHN_LOGIN_FAIL, Source.TOKEN));

    assertThat(words())
        .containsExactly(
            "authn_login_fail",
            "authn_login_fail",
            "authn_login_fail",
            "tls_identity_refused",
            "authn_login_fail");
    assertThat(JSON.readTree(lines.get(4)).get("suppressed").intValue()).isEqualTo(47);
    assertThat(telemetry.count("msk.security.events", "authn_login_fail")).isEqualTo(51);
  }

  @Test
  void flightRecording_hasTheEvent() throws Exception {
    Path file = folder.resolve("events.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("dev.msk.SecurityEvent");
      recording.start();
      events.emit(SecurityEvent.of(EventType.AUTHN_LOGIN_FAIL, Source.TOKEN)
          .with(Field.REASON, "SIGNATURE")
          .credential("secret"));
      recording.stop();
      recording.dump(file);
    }

    assertThat(recorded(file)).singleElement().satisfies(event -> {
      assertThat(event.getString("event")).isEqualTo("authn_login_fail");
      assertThat(event.getString("reason")).isEqualTo("SIGNATURE");
      assertThat(event.getString("credential")).isEqualTo(shortHash("secret"));
      assertThat(event.getString("subject")).isNull();
    });
  }

  @Test
  void linesThatFail_doNotReachWhoeverEmits() {
    SecurityEvents broken = SecurityEvents.builder("orders")
        .lines((level, json) -> {
          throw new IllegalStateException("disk full");
        })
        .build();

    broken.emit(SecurityEvent.of(EventType.AUTHN_LOGIN_FAIL, Source.TOKEN));
    SecurityEvents.none().emit(SecurityEvent.of(EventType.AUTHN_LOGIN_FAIL, Source.TOKEN));
  }

  @Test
  void longAndStrangeValues_areCutAndMadePrintable() {
    SecurityEvent event = SecurityEvent.of(EventType.AUTHN_LOGIN_FAIL, Source.TOKEN)
        .with(Field.SUBJECT, "a\u0000\u2028\u007f" + "b".repeat(1000));

    assertThat(event.fields().get(Field.SUBJECT))
        .hasSize(256)
        .startsWith("a???bbb")
        .endsWith("…");
    assertThatThrownBy(() -> event.with(Field.CREDENTIAL, "secret"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void noPartOfAToken_isInAnyLine() {
    SecurityEvents all = SecurityEvents.builder("orders")
        .lines((level, json) -> lines.add(json))
        .linesPerSecond(10_000)
        .build();
    TokenVerifier verifier = TokenVerifier.builder(idp.issuer(), JwksSource.fixed(idp.jwks()))
        .audience("orders")
        .events(all)
        .build();
    String good = idp.token("alice").audience("orders").sign();
    List<String> bad = List.of(
        good + "x",
        good.substring(0, good.length() - 4) + "AAAA",
        idp.token("alice").audience("elsewhere").sign(),
        idp.token("alice")
            .audience("orders")
            .header("jku", "https://evil.example")
            .sign(),
        idp.token("alice").audience("orders").header("kid", "k".repeat(300)).sign(),
        idp.token("alice").audience("orders").claim("cnf", Map.of("jkt", "x")).sign());

    for (String token : bad) {
      assertThat(verifier.verify(token)).isInstanceOf(Verification.Rejected.class);
      String line = lines.get(lines.size() - 1);
      for (int i = 0; i + 12 <= token.length(); i++) {
        assertThat(line).doesNotContain(token.substring(i, i + 12));
      }
    }
    assertThat(lines).hasSameSizeAs(bad);
  }

  private TokenVerifier verifier() {
    return TokenVerifier.builder(idp.issuer(), JwksSource.fixed(idp.jwks()))
        .audience("orders")
        .events(events)
        .build();
  }

  private List<String> words() throws Exception {
    List<String> words = new ArrayList<>();
    for (String line : lines) {
      words.add(JSON.readTree(line).get("event").textValue());
    }
    return words;
  }

  private static List<RecordedEvent> recorded(Path file) throws IOException {
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals("dev.msk.SecurityEvent"))
        .toList();
  }

  private static String shortHash(String secret) {
    Object hash = SecurityEvent.of(EventType.AUTHN_LOGIN_FAIL, Source.TOKEN)
        .credential(secret)
        .fields()
        .get(Field.CREDENTIAL);
    assertThat(hash).asString().matches("[0-9a-f]{8}");
    return String.valueOf(hash);
  }
}
