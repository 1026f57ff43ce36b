package dev.msk.security.vault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.security.testing.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A contract server: logins and {@code pki/sign} and {@code pki/ca_chain} of Vault's HTTP API over the JDK's server, written
 * after its documentation; what it signs is really signed. It is not Vault.
 */
public final class VaultContractServer implements AutoCloseable {

  static final String TOKEN = "hvs.good";

  private final ObjectMapper json = new ObjectMapper();
  private final HttpServer http;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final InstantSource clock;
  private final List<ReadRequest> signed = new CopyOnWriteArrayList<>();
  private final List<JsonNode> bodies = new CopyOnWriteArrayList<>();
  private final List<String> logins = new CopyOnWriteArrayList<>();
  private final Map<String, Fault> faults = new ConcurrentHashMap<>();
  private final AtomicInteger looks = new AtomicInteger();
  private volatile TestCa issuer;
  private volatile List<X509Certificate> chain;
  private volatile Duration life = Duration.ofHours(1);
  private volatile @Nullable String otherId;
  private volatile boolean otherKey;

  public VaultContractServer(TestCa issuer, InstantSource clock) throws IOException {
    this.issuer = issuer;
    this.chain = List.of(issuer.authority());
    this.clock = clock;
    this.http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/v1/", this::answer);
    http.start();
  }

  public URI address() {
    return URI.create("http://localhost:" + http.getAddress().getPort());
  }

  List<ReadRequest> signed() {
    return signed;
  }

  /** Bodies of requests to sign. */
  List<JsonNode> bodies() {
    return bodies;
  }

  List<String> logins() {
    return logins;
  }

  int looks() {
    return looks.get();
  }

  void issuer(TestCa next) {
    issuer = next;
  }

  void chain(TestCa... authorities) {
    chain = List.of(authorities).stream().map(TestCa::authority).toList();
  }

  void life(Duration next) {
    life = next;
  }

  void otherId(@Nullable String id) {
    otherId = id;
  }

  void otherKey(boolean other) {
    otherKey = other;
  }

  /** Answers requests whose path has this in it otherwise. */
  void fault(String path, Fault fault) {
    faults.put(path, fault);
  }

  void heal() {
    faults.clear();
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath().substring("/v1/".length());
      byte[] body = exchange.getRequestBody().readAllBytes();
      for (Map.Entry<String, Fault> fault : faults.entrySet()) {
        if (path.contains(fault.getKey())) {
          fault.getValue().answer(exchange);
          return;
        }
      }
      if (!"true".equals(exchange.getRequestHeaders().getFirst("X-Vault-Request"))) {
        Fault.error(exchange, 400, "missing header");
      } else if (path.startsWith("auth/") && path.endsWith("/login")) {
        logins.add(path + " " + json.readTree(body));
        send(
            exchange,
            json.readTree("{\"auth\":{\"client_token\":\"" + TOKEN + "\","
                + "\"lease_duration\":3600,\"renewable\":true},\"data\":null}"));
      } else if (path.equals("pki/ca_chain")) {
        looks.incrementAndGet();
        byte[] pem = pem(chain).getBytes(StandardCharsets.US_ASCII);
        exchange.sendResponseHeaders(
            pem.length == 0 ? 204 : 200, pem.length == 0 ? -1 : pem.length);
        exchange.getResponseBody().write(pem);
      } else if (path.equals("pki/sign/orders")) {
        sign(exchange, json.readTree(body));
      } else {
        Fault.error(exchange, 404, "no handler for route");
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private void sign(HttpExchange exchange, JsonNode body)
      throws IOException, GeneralSecurityException {
    if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("X-Vault-Token"))) {
      Fault.error(exchange, 403, "permission denied");
      return;
    }
    ReadRequest request = ReadRequest.of(body.path("csr").asText());
    TestCa by = issuer;
    TestCa.Request certificate = by.certificate(request.commonName())
        .valid(clock.instant().minusSeconds(30), clock.instant().plus(life));
    String id = otherId;
    certificate.spiffeId(id != null ? id : request.uris().get(0));
    X509Certificate leaf =
        otherKey ? certificate.issue().certificate() : certificate.issueFor(request.key());
    ObjectNode data = json.createObjectNode();
    data.put("certificate", pem(List.of(leaf)))
        .put("issuing_ca", pem(List.of(by.authority())))
        .put("serial_number", leaf.getSerialNumber().toString(16))
        .put("expiration", leaf.getNotAfter().toInstant().getEpochSecond());
    data.putArray("ca_chain").add(pem(List.of(by.authority())));
    ObjectNode answer = json.createObjectNode();
    answer.put("request_id", "1").put("lease_duration", 0).set("data", data);
    bodies.add(body);
    signed.add(request);
    send(exchange, answer);
  }

  private static void send(HttpExchange exchange, JsonNode answer) throws IOException {
    byte[] body = answer.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private static String pem(List<X509Certificate> certificates) {
    StringBuilder pem = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      try {
        pem.append("-----BEGIN CERTIFICATE-----\n")
            .append(Base64.getMimeEncoder().encodeToString(certificate.getEncoded()))
            .append("\n-----END CERTIFICATE-----\n");
      } catch (CertificateEncodingException e) {
        throw new IllegalStateException(e);
      }
    }
    return pem.toString().strip();
  }

  /** What goes wrong. */
  interface Fault {

    void answer(HttpExchange exchange) throws IOException;

    static Fault status(int status, String... errors) {
      return exchange -> error(exchange, status, errors);
    }

    /** Never ends. */
    static Fault silence() {
      return exchange -> {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write('{');
        exchange.getResponseBody().flush();
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      };
    }

    static Fault body(byte[] body) {
      return exchange -> {
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      };
    }

    static void error(HttpExchange exchange, int status, String... errors) throws IOException {
      byte[] body = new ObjectMapper().writeValueAsBytes(Map.of("errors", errors));
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
