package dev.msk.security.doors;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.HttpServerSecurity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The JDK's server. */
final class HttpServerDoorTest extends HttpDoorContract {

  private HttpServer server;

  @Override
  AutoCloseable start(BearerAuthentication door, @Nullable URI origin) throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server
        .createContext("/", exchange -> {
          assertThat(exchange.getAttribute(HttpServerSecurity.OUTCOME))
              .isInstanceOf(Outcome.Authenticated.class);
          byte[] body = seen().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        })
        .getFilters()
        .add(
            origin == null
                ? HttpServerSecurity.of(door)
                : HttpServerSecurity.of(door).dpop(origin));
    server.start();
    return () -> server.stop(0);
  }

  @Override
  int port() {
    return server.getAddress().getPort();
  }
}
