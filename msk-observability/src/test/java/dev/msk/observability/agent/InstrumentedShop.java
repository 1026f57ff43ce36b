package dev.msk.observability.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.Scope;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.grpc.Echo;
import dev.msk.observability.grpc.GrpcTelemetry;
import dev.msk.observability.http.HttpOperation;
import dev.msk.observability.http.HttpServerRoute;
import dev.msk.observability.http.HttpTelemetry;
import dev.msk.observability.http.JdkHeaders;
import io.grpc.CallOptions;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.GlobalOpenTelemetry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.TimeUnit;

/**
 * What {@link JavaAgentTest} starts in a JVM of its own: an order that goes over HTTP to a saga's step, which calls an inventory
 * by gRPC. Each call is reported by our adapters; the durations that they counted are printed.
 */
final class InstrumentedShop {

  private static final MethodDescriptor<String, String> RESERVE =
      Echo.method("shop.Inventory/Reserve");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MskTelemetry telemetry = MskTelemetry.of(GlobalOpenTelemetry.get(), registry);
  private final HttpTelemetry http = HttpTelemetry.of(telemetry, "http");
  private final GrpcTelemetry grpc = GrpcTelemetry.of(telemetry);
  private final HttpServerRoute route = http.server("GET", "/orders/{id}");
  private final BoundOperation order = operation("shop.order.place");
  private final BoundOperation stock = operation("shop.stock.take");
  private final BoundOperation step = telemetry
      .operation(OperationSpec.builder("msk.saga.step", OperationKind.INTERNAL)
          .tags("saga", "step", "direction")
          .build())
      .bind("place-order", "reserve", "forward");
  private final HttpServer shop;
  private final Server inventory;
  private final ManagedChannel channel;

  private InstrumentedShop() throws IOException {
    shop = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    shop.createContext("/orders/", this::serve);
    shop.start();
    inventory = NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            InsecureServerCredentials.create())
        .addService(ServerServiceDefinition.builder("shop.Inventory")
            .addMethod(RESERVE, ServerCalls.asyncUnaryCall(this::reserve))
            .build())
        .intercept(grpc.serverInterceptor())
        .build()
        .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", inventory.getPort())
        .usePlaintext()
        .intercept(grpc.clientInterceptor())
        .build();
  }

  public static void main(String[] args) throws Exception {
    InstrumentedShop shop = new InstrumentedShop();
    try {
      shop.order();
      shop.printDurations();
    } finally {
      shop.close();
    }
  }

  private void order() throws Exception {
    int port = shop.getAddress().getPort();
    URI url = URI.create("http://127.0.0.1:" + port + "/orders/4711");
    HttpRequest.Builder request = HttpRequest.newBuilder(url);
    try (Operation placing = order.start(telemetry.current());
        Scope scope = placing.makeCurrent();
        HttpOperation call =
            http.client("GET", "127.0.0.1", port).start(telemetry.current(), url)) {
      call.inject(request, HttpRequest.Builder::setHeader);
      int status = HttpClient.newHttpClient()
          .send(request.build(), BodyHandlers.discarding())
          .statusCode();
      call.status(status);
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange;
        HttpOperation request =
            route.start("/orders/4711", exchange.getRequestHeaders(), new JdkHeaders());
        Scope scope = request.makeCurrent()) {
      try (Operation reserving = step.start(telemetry.current());
          Scope within = reserving.makeCurrent()) {
        ClientCalls.blockingUnaryCall(
            channel, RESERVE, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), "sku-1");
      }
      request.status(204);
      exchange.sendResponseHeaders(204, -1);
    }
  }

  private void reserve(String sku, StreamObserver<String> answer) {
    stock.start(telemetry.current()).close();
    answer.onNext(sku);
    answer.onCompleted();
  }

  private void printDurations() {
    registry.getMeters().stream()
        .filter(meter -> meter.getId().getName().endsWith(".duration"))
        .forEach(meter -> System.out.println("measured " + meter.getId().getName()));
  }

  private void close() throws InterruptedException {
    channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    inventory.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    shop.stop(0);
  }

  private BoundOperation operation(String name) {
    return telemetry
        .operation(OperationSpec.builder(name, OperationKind.INTERNAL).build())
        .bind();
  }
}
