package dev.msk.observability.grpc;

import static io.grpc.Metadata.ASCII_STRING_MARSHALLER;

import dev.msk.observability.MskTelemetry;
import dev.msk.observability.Recorded;
import dev.msk.observability.TraceContextConformance;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Calls that both of gRPC's adapters see: metadata over HTTP/2, a server that calls another, and the metadata that arrive. */
final class GrpcTraceContextTest extends TraceContextConformance {

  private static final MethodDescriptor<String, String> ORDER = Echo.method("shop.Orders/Place");
  private static final MethodDescriptor<String, String> RESERVE =
      Echo.method("shop.Inventory/Reserve");

  private final Recorded recorded = new Recorded();
  private final GrpcTelemetry grpc =
      GrpcTelemetry.of(MskTelemetry.of(recorded.sdk(), new SimpleMeterRegistry()));
  private final List<List<Header>> received = new CopyOnWriteArrayList<>();
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    server = NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            InsecureServerCredentials.create())
        .addService(ServerInterceptors.intercept(
            ServerServiceDefinition.builder("shop.Orders")
                .addMethod(ORDER, ServerCalls.asyncUnaryCall(this::order))
                .build(),
            grpc.serverInterceptor()))
        .addService(ServerInterceptors.intercept(
            ServerServiceDefinition.builder("shop.Inventory")
                .addMethod(RESERVE, ServerCalls.asyncUnaryCall(GrpcTraceContextTest::echo))
                .build(),
            new Recording()))
        .build()
        .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
        .usePlaintext()
        .build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow();
    channel.awaitTermination(10, TimeUnit.SECONDS);
    server.awaitTermination(10, TimeUnit.SECONDS);
    recorded.close();
  }

  @Override
  protected List<List<Header>> serve(List<Header> request, int calls) {
    Metadata headers = new Metadata();
    request.forEach(header -> headers.put(key(header.name()), header.value()));
    Channel caller =
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    received.clear();

    call(caller, ORDER, String.valueOf(calls));

    return List.copyOf(received);
  }

  /** gRPC refuses tabs, and does not say what becomes of spaces around a value. */
  @Override
  protected boolean carriesWhiteSpace() {
    return false;
  }

  private void order(String calls, StreamObserver<String> answer) {
    Channel reported = ClientInterceptors.intercept(channel, grpc.clientInterceptor());
    for (int i = 0; i < Integer.parseInt(calls); i++) {
      call(reported, RESERVE, "sku-" + i);
    }
    echo("placed", answer);
  }

  private static void call(
      Channel channel, MethodDescriptor<String, String> method, String request) {
    ClientCalls.blockingUnaryCall(
        channel, method, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), request);
  }

  private static void echo(String text, StreamObserver<String> answer) {
    answer.onNext(text);
    answer.onCompleted();
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name.toLowerCase(Locale.ROOT), ASCII_STRING_MARSHALLER);
  }

  private final class Recording implements ServerInterceptor {

    @Override
    public <I, O> ServerCall.Listener<I> interceptCall(
        ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
      List<Header> arrived = new ArrayList<>();
      for (String name : List.of("traceparent", "tracestate")) {
        Iterable<String> values = headers.getAll(key(name));
        if (values != null) {
          values.forEach(value -> arrived.add(new Header(name, value)));
        }
      }
      received.add(arrived);
      return next.startCall(call, headers);
    }
  }
}
