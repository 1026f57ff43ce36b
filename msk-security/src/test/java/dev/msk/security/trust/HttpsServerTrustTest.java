package dev.msk.security.trust;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.msk.security.LiveTls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The HTTPS server of the JDK. */
final class HttpsServerTrustTest extends TrustRemovedContract {

  @Override
  TrustedServer start(Service service) throws Exception {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    server.setHttpsConfigurator(
        new HttpsConfigurator(LiveTls.context(service.identity(), "clients")));
    server.createContext("/", exchange -> {
      byte[] body = "hello".getBytes(StandardCharsets.US_ASCII);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    return new TrustedServer() {
      @Override
      public int port() {
        return server.getAddress().getPort();
      }

      @Override
      public Wire.Protocol protocol() {
        return Wire.Protocol.HTTP_1;
      }

      @Override
      public TrustedClient client(Service caller) {
        return new HttpCaller(caller.identity(), port());
      }

      @Override
      public void close() {
        server.stop(0);
        threads.shutdownNow();
      }
    };
  }
}
