package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three quarters of a minute: three starts of a node. */
class ElasticsearchServerTest {
  private static ElasticsearchServer elasticsearch;

  @BeforeAll
  static void start() {
    Skip.test(ElasticsearchServerTest.class, ElasticsearchServer.missing());
    elasticsearch = ElasticsearchServer.start();
  }

  @AfterAll
  static void close() {
    if (elasticsearch != null) {
      List<Long> node = node();
      elasticsearch.close();
      node.forEach(Await::gone);
      assertThat(elasticsearch.folder()).doesNotExist();
    }
  }

  @Test
  void documents_areFound_andSurviveAKill() {
    elasticsearch.api("PUT", "/logs", """
        {"mappings": {"properties": {"trace": {"properties": {"id": {"type": "keyword"}}}}}}
        """);
    String answer = elasticsearch.api("POST", "/_bulk?refresh=true", """
        {"create": {"_index": "logs"}}
        {"trace.id": "0af7651916cd43dd8448eb211c80319c", "message": "Order accepted"}
        {"create": {"_index": "logs"}}
        {"trace.id": "4bf92f3577b34da6a3ce929d0e0e4736", "message": "another"}
        """);
    assertThat(answer).contains("\"errors\":false");
    assertThat(search()).contains("Order accepted").doesNotContain("another");
    List<Long> node = node();

    elasticsearch.kill();
    assertThat(elasticsearch.isAlive()).isFalse();
    node.forEach(Await::gone);
    assertThatThrownBy(this::search).hasCauseInstanceOf(ConnectException.class);
    elasticsearch.restart();

    assertThat(search()).contains("Order accepted");
  }

  @Test
  void listeners_areOnLoopbackAlone() throws IOException {
    List<String> listeners = new ArrayList<>();
    for (long pid : node()) {
      listeners.addAll(Listeners.of(pid));
    }

    // Beside HTTP, transport: between nodes, of which there is one.
    assertThat(listeners)
        .hasSize(2)
        .contains(elasticsearch.address())
        .allMatch(listener -> listener.startsWith("127.0.0.1:"));
  }

  @Test
  void api_thatIsRefused_saysWhatElasticsearchSaid() {
    assertThatThrownBy(() -> elasticsearch.api("GET", "/nothing/_search", ""))
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching("(?s)elasticsearch: GET /nothing/_search: status 404 "
            + ".*index_not_found_exception.* \\(log: /.*\\.log\\)");
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(
            () -> ElasticsearchServer.builder().port(elasticsearch.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)elasticsearch: .*its port is taken \\(log: /.*\\.log\\)");
  }

  private String search() {
    return elasticsearch.api("POST", "/logs/_search", """
        {"query": {"term": {"trace.id": "0af7651916cd43dd8448eb211c80319c"}}}
        """);
  }

  /** The launcher, and the node, which is its child. */
  private static List<Long> node() {
    ProcessHandle launcher = ProcessHandle.of(elasticsearch.pid()).orElseThrow();
    List<Long> pids = new ArrayList<>(List.of(launcher.pid()));
    launcher.descendants().forEach(child -> pids.add(child.pid()));
    assertThat(pids).hasSizeGreaterThan(1);
    return pids;
  }
}
