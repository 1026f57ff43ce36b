package dev.msk.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.examples.demo.Shop.Wanted;
import dev.msk.localservers.AlertmanagerServer;
import dev.msk.localservers.PrometheusServer;
import dev.msk.observability.grafana.Dashboard;
import dev.msk.observability.rules.AlertingRule;
import dev.msk.observability.rules.BlockAlerts;
import dev.msk.observability.rules.RuleFile;
import dev.msk.observability.rules.RuleGroup;
import dev.msk.observability.slo.Sli;
import dev.msk.observability.slo.Slo;
import dev.msk.observability.slo.SloRules;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The shop as a real Prometheus sees it: dashboards that show something, and an alert that reaches whoever is on call. */
@ExtendWith(RunningStage.class)
@TestInstance(Lifecycle.PER_CLASS)
class ScrapedShopTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String RUNBOOKS = "https://runbooks.example.org/";
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:msk|discovery|http|rpc)_[a-z_]+(?![a-z_]|\\s*[=!])");

  /** No tag of the shop has a thousand values. */
  private static final Set<String> NOT_IN_THE_SHOP = Set.of("msk_telemetry_tags_dropped_total");

  private static final Slo ORDERS = Slo.builder(
          "gateway", "requests-availability", 99.9, Sli.http("job=\"gateway\""))
      .build();

  private final Queue<JsonNode> told = new ConcurrentLinkedQueue<>();
  private HttpServer webhook;
  private AlertmanagerServer alertmanager;
  private PrometheusServer prometheus;

  @BeforeAll
  void scrape(Stage stage, @TempDir Path folder) throws IOException {
    Stream.of(PrometheusServer.missing(), AlertmanagerServer.missing())
        .flatMap(Optional::stream)
        .forEach(why -> {
          System.err.println("SKIPPED ScrapedShopTest: " + why);
          Assumptions.abort(why);
        });
    webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    webhook.createContext("/", this::hear);
    webhook.start();
    alertmanager = AlertmanagerServer.builder(
            URI.create("http://127.0.0.1:" + webhook.getAddress().getPort() + "/"))
        .start();
    List<RuleGroup> groups = new ArrayList<>(BlockAlerts.groups(RUNBOOKS));
    groups.addAll(SloRules.of(ORDERS));
    Path rules =
        Files.writeString(folder.resolve("msk.rules.yml"), RuleFile.of(groups).toYaml());
    PrometheusServer.Builder builder =
        PrometheusServer.builder().rules(rules).alertmanager(alertmanager.address());
    stage
        .services()
        .forEach((instance, service) -> builder.scrape(
            instance.replaceAll("-\\d+$", ""), service.management().getAuthority()));
    prometheus = builder.start();
  }

  @AfterAll
  void stop(Stage stage) throws Exception {
    if (prometheus != null) {
      prometheus.close();
    }
    if (alertmanager != null) {
      alertmanager.close();
    }
    if (webhook != null) {
      webhook.stop(0);
    }
    stage.awaitSettled();
  }

  @Test
  void everyPanel_showsSomething(Stage stage) throws Exception {
    Map<String, String> queries = queries();
    Set<String> empty = new TreeSet<>(queries.keySet());

    tradeUntil(stage, () -> {
      empty.removeIf(panel -> hasData(queries.get(panel)));
      return empty.isEmpty();
    });

    assertThat(empty).isEmpty();
  }

  @Test
  void everyMetricThatAnAlertAsksFor_isThere(Stage stage) throws Exception {
    Set<String> asked = new TreeSet<>();
    for (RuleGroup group : BlockAlerts.groups(RUNBOOKS)) {
      group
          .alerts()
          .map(AlertingRule::expression)
          .forEach(expression ->
              METRIC.matcher(expression).results().forEach(found -> asked.add(found.group())));
    }
    Set<String> missing = new TreeSet<>(asked);

    tradeUntil(stage, () -> {
      missing.removeIf(this::hasData);
      return missing.equals(NOT_IN_THE_SHOP);
    });

    assertThat(asked).hasSizeGreaterThan(15);
    assertThat(missing).containsExactlyInAnyOrderElementsOf(NOT_IN_THE_SHOP);
  }

  @Test
  void objective_isMeasured(Stage stage) throws Exception {
    Set<String> missing = new TreeSet<>(Set.of(
        "slo:current_burn_rate:ratio{sloth_id=\"gateway-requests-availability\"}",
        "slo:error_budget:ratio == 0.001"));

    tradeUntil(stage, () -> {
      missing.removeIf(this::hasData);
      return missing.isEmpty();
    });

    assertThat(missing).isEmpty();
  }

  /** Nobody sends a token without a signature by mistake. */
  @Test
  void forgedToken_isToldToWhoeverIsOnCall_withItsRunbook(Stage stage) throws Exception {
    String forged = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.";
    String seen = "sum(msk_security_events_total{job=\"gateway\",event=\"malicious_extraneous\"})";
    Await.until("it is scraped", Duration.ofMinutes(1), () -> hasData(seen + " == 0"));

    assertThat(stage.shop().post("{}", "forged-1", forged, Map.of()).statusCode())
        .isEqualTo(401);

    Await.until("the webhook was called", Duration.ofMinutes(1), () -> !told.isEmpty());
    JsonNode alert = told.element().path("alerts").path(0);
    assertThat(alert.path("status").asText()).isEqualTo("firing");
    assertThat(alert.path("labels").path("alertname").asText()).isEqualTo("MskForgedTokens");
    assertThat(alert.path("labels").path("severity").asText()).isEqualTo("page");
    assertThat(alert.path("labels").path("job").asText()).isEqualTo("gateway");
    assertThat(alert.path("annotations").path("runbook_url").asText())
        .isEqualTo(RUNBOOKS + "MskForgedTokens.md");
    assertThat(alert.path("annotations").path("summary").asText()).startsWith("gateway got tokens");
  }

  /** Places an order that is paid, and one that is undone, again and again, for a minute and a half at most. */
  private static void tradeUntil(Stage stage, BooleanSupplier seen) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    do {
      stage.shop().place(new Wanted("ada", "tea-500g", 1, 500));
      stage.shop().place(new Wanted("bob", "tea-500g", 1, 2_500_000));
    } while (!seen.getAsBoolean() && System.nanoTime() - end < 0);
  }

  /** Each by dashboard and title. */
  private static Map<String, String> queries() throws IOException {
    Map<String, String> queries = new LinkedHashMap<>();
    for (Dashboard dashboard : Dashboard.values()) {
      JsonNode json = JSON.readTree(dashboard.json());
      for (JsonNode panel : json.path("panels")) {
        for (JsonNode target : panel.path("targets")) {
          String name = json.path("uid").asText() + ": " + panel.path("title").asText();
          String query = target
              .path("expr")
              .asText()
              .replace("$__rate_interval", "30s")
              .replace("$job", ".+")
              .replace("$instance", ".+");
          queries.put(queries.containsKey(name) ? name + " (2)" : name, query);
        }
      }
    }
    return queries;
  }

  private boolean hasData(String query) {
    try {
      return !JSON.readTree(prometheus.query(query)).path("data").path("result").isEmpty();
    } catch (IOException e) {
      throw new IllegalStateException(query, e);
    }
  }

  private void hear(HttpExchange request) throws IOException {
    try (request) {
      told.add(JSON.readTree(request.getRequestBody()));
      request.sendResponseHeaders(200, -1);
    }
  }
}
