package dev.msk.examples.gateway;

import dev.msk.core.resilience.CallHeaders;
import dev.msk.security.BearerToken;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Which headers go on, in both directions. What belongs to one connection stays there; what only a
 * proxy may say is said by this one; what is not understood goes on.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-7.6">RFC 9110, section 7.6</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7239">RFC 7239</a>
 */
final class ForwardedHeaders {

  static final String CORRELATION_ID = CallHeaders.CORRELATION_ID;

  private static final String VIA_NAME = "gateway";
  private static final Pattern WELL_FORMED_ID = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,128}");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:\\[\\]-]{1,255}");

  /** Of one connection, whether or not {@code Connection} names them. */
  private static final Set<String> HOP_BY_HOP = Set.of(
      "connection",
      "keep-alive",
      "proxy-authenticate",
      "proxy-authorization",
      "proxy-authentication-info",
      "proxy-connection",
      "te",
      "trailer",
      "transfer-encoding",
      "upgrade",
      "http2-settings");

  /** Written anew on the way to the service, or nothing that a client may say. */
  private static final Set<String> NOT_THE_CLIENTS = Set.of(
      "host",
      "content-length",
      "expect",
      "authorization",
      "via",
      "forwarded",
      "x-real-ip",
      "x-original-url",
      "x-original-host",
      "x-rewrite-url",
      "x-http-method",
      "x-http-method-override",
      "x-method-override",
      CORRELATION_ID,
      CallHeaders.TIMEOUT,
      CallHeaders.RETRIED_UPSTREAM,
      CallHeaders.ENVOY_TIMEOUT,
      "traceparent",
      "tracestate",
      "baggage");

  /** Written anew on the way to the client, or true of the connection to the service alone. */
  private static final Set<String> NOT_THE_SERVICES =
      Set.of("content-length", "alt-svc", "via", CORRELATION_ID);

  private ForwardedHeaders() {}

  /** The client's id if it is one that can be logged and sent on, else a new one. */
  static String correlationId(MultiMap headers) {
    List<String> ids = headers.getAll(CORRELATION_ID);
    return ids.size() == 1 && WELL_FORMED_ID.matcher(ids.get(0)).matches()
        ? ids.get(0)
        : newCorrelationId();
  }

  static String newCorrelationId() {
    return UUID.randomUUID().toString();
  }

  /** Writes what the service gets; the trace, and what is left of the time, are written by the client of the call. */
  static void toService(
      HttpServerRequest from, BearerToken token, String correlationId, HttpRequest.Builder to) {
    Set<String> ofConnection = named(from.headers().getAll("connection"));
    for (Map.Entry<String, String> header : from.headers()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(name)
          && !NOT_THE_CLIENTS.contains(name)
          && !name.startsWith("x-forwarded-")
          && name.indexOf('_') < 0
          && !ofConnection.contains(name)) {
        to.header(name, header.getValue());
      }
    }
    from.headers().getAll("via").forEach(via -> to.header("via", via));
    String host = String.valueOf(from.authority());
    String client = address(from.remoteAddress());
    to.header("authorization", "Bearer " + token.value())
        .header("via", "1.1 " + VIA_NAME)
        .header(CORRELATION_ID, correlationId)
        .header("x-forwarded-for", client)
        .header("x-forwarded-proto", from.scheme());
    String forwarded = "for=" + quoted(client) + ";proto=" + from.scheme() + ";by=_" + VIA_NAME;
    if (HOST.matcher(host).matches()) {
      to.header("x-forwarded-host", host);
      forwarded += ";host=" + quoted(host);
    }
    to.header("forwarded", forwarded);
  }

  /** Writes what the client gets, without what HTTP/2 calls headers and are none. */
  static void toClient(HttpHeaders from, String correlationId, HttpServerResponse to) {
    Set<String> ofConnection = named(from.allValues("connection"));
    from.map().forEach((key, values) -> {
      String name = key.toLowerCase(Locale.ROOT);
      if (!name.startsWith(":")
          && !HOP_BY_HOP.contains(name)
          && !NOT_THE_SERVICES.contains(name)
          && !ofConnection.contains(name)) {
        to.putHeader(name, values);
      }
    });
    List<String> via = new ArrayList<>(from.allValues("via"));
    via.add("2 " + VIA_NAME);
    to.putHeader("via", String.join(", ", via)).putHeader(CORRELATION_ID, correlationId);
  }

  private static Set<String> named(List<String> connection) {
    Set<String> names = new HashSet<>();
    for (String value : connection) {
      for (String name : value.split(",", -1)) {
        names.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    return names;
  }

  private static String address(SocketAddress remote) {
    String host = remote == null ? null : remote.hostAddress();
    return host == null ? "unknown" : host;
  }

  /** An IPv6 address or a port makes quotes necessary. */
  private static String quoted(String node) {
    String text = node.indexOf(':') >= 0
            && !node.startsWith("[")
            && node.indexOf(':') != node.lastIndexOf(':')
        ? "[" + node + "]"
        : node;
    return text.indexOf(':') >= 0 ? "\"" + text + "\"" : text;
  }
}
