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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
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
    KeycloakServer.missing().ifPresent(why -> {
      System.err.println("SKIPPED KeycloakServerTest: " + why);
      Assumptions.abort(why);
    });
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

  /** By the kernel's tables: state 0A is a listener, and addresses are hexadecimal. */
  @Test
  void listeners_areOnLoopbackAlone() throws IOException {
    Path proc = Path.of("/proc", String.valueOf(keycloak.pid()));
    Set<String> sockets = new HashSet<>();
    try (Stream<Path> files = Files.list(proc.resolve("fd"))) {
      files.forEach(file -> sockets.add(target(file)));
    }
    List<String> listeners = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(proc.resolve("net").resolve(table))) {
        String[] fields = line.strip().split("\\s+");
        if (fields[3].equals("0A") && sockets.contains("socket:[" + fields[9] + "]")) {
          listeners.add(fields[1]);
        }
      }
    }

    String port = String.format("%04X", keycloak.port());
    assertThat(listeners)
        .anyMatch(listener -> listener.endsWith(":" + port))
        .allMatch(listener -> listener.matches("(0{16}FFFF0000)?0100007F:[0-9A-F]{4}"));
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "closed meanwhile";
    }
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
