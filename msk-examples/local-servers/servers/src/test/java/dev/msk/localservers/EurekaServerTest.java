package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.junit.WithServers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

@WithServers
class EurekaServerTest {
  private static final String INSTANCE = """
      {"instance": {"instanceId": "i1", "app": "ECHO", "hostName": "127.0.0.1", "ipAddr": "127.0.0.1",
       "status": "UP", "port": {"$": 1234, "@enabled": "true"},
       "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
       "leaseInfo": {"renewalIntervalInSecs": 1, "durationInSecs": 2}}}
      """;

  private final HttpClient client = HttpClient.newHttpClient();
  private final EurekaServer eureka;

  EurekaServerTest(EurekaServer eureka) {
    this.eureka = eureka;
  }

  @Test
  void instance_withoutHeartbeat_isEvicted() throws Exception {
    assertThat(send("POST", "/apps/ECHO", INSTANCE)).isEqualTo(204);
    assertThat(send("GET", "/apps/ECHO/i1", "")).isEqualTo(200);

    Await.until("eviction", () -> {
      try {
        return client
                .send(request("GET", "/apps/delta", ""), BodyHandlers.ofString())
                .body()
                .contains("\"DELETED\"")
            && send("GET", "/apps/ECHO/i1", "") == 404;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> EurekaServer.builder().port(eureka.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)eureka: .*its port is taken \\(log: /.*\\.log\\)");
  }

  private int send(String method, String path, String body) throws Exception {
    return client.send(request(method, path, body), BodyHandlers.discarding()).statusCode();
  }

  private HttpRequest request(String method, String path, String body) {
    return HttpRequest.newBuilder(URI.create(eureka.url() + path))
        .header("Accept", "application/json")
        .header("Content-Type", "application/json")
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
        .build();
  }
}
