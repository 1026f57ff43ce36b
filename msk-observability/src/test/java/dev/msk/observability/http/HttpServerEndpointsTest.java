package dev.msk.observability.http;

import com.sun.net.httpserver.HttpServer;
import dev.msk.observability.EndpointsContract;
import dev.msk.observability.ManagementEndpoints;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** In the JDK's server. */
final class HttpServerEndpointsTest extends EndpointsContract {

  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private HttpServer server;

  @Override
  protected int serve(ManagementEndpoints endpoints) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", HttpServerEndpoints.handler(endpoints));
    server.start();
    return server.getAddress().getPort();
  }

  @Override
  protected void stop() {
    server.stop(0);
    threads.shutdownNow();
  }
}
