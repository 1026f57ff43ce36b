package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KeycloakServerTest {
  private static final String REALM = """
      {"realm": "%s", "enabled": true, "clients": [{
        "clientId": "orders", "secret": "s3cret", "serviceAccountsEnabled": true}]}
      """;

  private static KeycloakServer keycloak;

  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void start() {
    Skip.test(KeycloakServerTest.class, KeycloakServer.missing());
    keycloak = KeycloakServer.builder().realm(REALM.formatted("imported")).start();
  }

  @AfterAll
  static void close() {
    if (keycloak != null) {
      keycloak.close();
      Await.gone(keycloak.pid());
      assertThat(keycloak.folder()).doesNotExist();
    }
  }

  @Test
  void restart_afterKill_hasTheSamePortAndData() throws Exception {
    keycloak.createRealm(REALM.formatted("made"));
    ProcessHandle process = ProcessHandle.of(keycloak.pid()).orElseThrow();
    assertThat(process.descendants()).isEmpty();

    keycloak.kill();
    assertThat(keycloak.isAlive()).isFalse();
    assertThatThrownBy(() -> token("made")).isInstanceOf(IOException.class);
    keycloak.restart();

    assertThat(token("imported").body()).contains("\"access_token\"");
    assertThat(token("made").body()).contains("\"access_token\"");
    assertThat(keycloak.admin("GET", "/made", "")).contains("\"realm\":\"made\"");
  }

  @Test
  void realm_tellsWhereItIs() throws Exception {
    String discovery = client
        .send(
            HttpRequest.newBuilder(
                    URI.create(keycloak.issuer("imported") + "/.well-known/openid-configuration"))
                .build(),
            BodyHandlers.ofString())
        .body();

    assertThat(discovery).contains("\"issuer\":\"" + keycloak.issuer("imported") + "\"");
  }

  @Test
  void listeners_areOnLoopbackAlone() throws IOException {
    assertThat(Listeners.of(keycloak.pid()))
        .contains(keycloak.address())
        .allMatch(listener -> listener.startsWith("127.0.0.1:"));
  }

  @Test
  void admin_thatIsRefused_saysWhatKeycloakSaid() {
    assertThatThrownBy(() -> keycloak.createRealm("{\"realm\": \"master\"}"))
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching(
            "(?s)keycloak: POST /admin/realms: status 409 .*exists.* \\(log: /.*\\.log\\)");
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> KeycloakServer.builder().port(keycloak.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)keycloak: .*its port is taken \\(log: /.*\\.log\\)");
  }

  @Test
  void start_withBadSetting_namesIt() {
    assertThatThrownBy(
            () -> KeycloakServer.builder().setting("log-level", "loud").start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching("(?s)keycloak: ended with code \\d+ .*loud.* \\(log: /.*\\.log\\)");
  }

  private HttpResponse<String> token(String realm) throws Exception {
    return client.send(
        HttpRequest.newBuilder(
                URI.create(keycloak.issuer(realm) + "/protocol/openid-connect/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(
                "grant_type=client_credentials&client_id=orders&client_secret=s3cret"))
            .build(),
        BodyHandlers.ofString());
  }
}
