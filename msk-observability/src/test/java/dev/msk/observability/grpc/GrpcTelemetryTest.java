package dev.msk.observability.grpc;

import static dev.msk.observability.Eventually.eventually;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.observability.MskTelemetry;
import dev.msk.observability.Recorded;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GrpcTelemetryTest {

  private static final String NAME = "shop.Inventory/Reserve";
  private static final MethodDescriptor<String, String> RESERVE = Echo.method(NAME);

  private final Recorded recorded = new Recorded();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MskTelemetry telemetry = MskTelemetry.of(recorded.sdk(), registry);
  private final GrpcTelemetry grpc = GrpcTelemetry.of(telemetry);
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    start(RESERVE);
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow();
    channel.awaitTermination(10, TimeUnit.SECONDS);
    server.awaitTermination(10, TimeUnit.SECONDS);
  }

  @Test
  void call_isOneTrace_acrossARealServer() throws Exception {
    assertThat(call("sku-1")).isEqualTo("reserved sku-1");
    eventually("exported", () -> recorded.spans().size() == 3);

    SpanData client = span(SpanKind.CLIENT);
    SpanData served = span(SpanKind.SERVER);
    SpanData inner = recorded.span("work");
    assertThat(client.getName()).isEqualTo(NAME);
    assertThat(served.getName()).isEqualTo(NAME);
    assertThat(served.getParentSpanId()).isEqualTo(client.getSpanId());
    assertThat(served.getTraceId()).isEqualTo(client.getTraceId());
    assertThat(inner.getParentSpanId()).isEqualTo(served.getSpanId());
    assertThat(client.getAttributes().asMap())
        .containsEntry(stringKey("rpc.system.name"), "grpc")
        .containsEntry(stringKey("rpc.method"), NAME)
        .containsEntry(stringKey("rpc.response.status_code"), "OK")
        .containsEntry(stringKey("server.address"), "127.0.0.1")
        .containsEntry(longKey("server.port"), (long) server.getPort());
    assertThat(registry
            .get("rpc.server.call.duration")
            .tags("rpc.method", NAME, "rpc.response.status_code", "OK", "error.type", "")
            .timer()
            .count())
        .isEqualTo(1);
  }

  @Test
  void callersFault_failsTheClientOnly() throws Exception {
    assertThatThrownBy(() -> call("refused")).isInstanceOf(StatusRuntimeException.class);
    eventually("exported", () -> recorded.spans().size() == 3);

    assertThat(span(SpanKind.CLIENT).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(span(SpanKind.CLIENT).getAttributes().get(stringKey("error.type")))
        .isEqualTo("PERMISSION_DENIED");
    assertThat(span(SpanKind.SERVER).getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(span(SpanKind.SERVER).getAttributes().get(stringKey("rpc.response.status_code")))
        .isEqualTo("PERMISSION_DENIED");
  }

  @Test
  void handlerThatThrows_isUnknown_withItsException() throws Exception {
    assertThatThrownBy(() -> call("thrown")).isInstanceOf(StatusRuntimeException.class);
    eventually("exported", () -> recorded.spans().size() == 3);

    SpanData served = span(SpanKind.SERVER);
    assertThat(served.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(served.getAttributes().get(stringKey("rpc.response.status_code")))
        .isEqualTo("UNKNOWN");
    assertThat(served.getAttributes().get(stringKey("error.type")))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(span(SpanKind.CLIENT).getAttributes().get(stringKey("error.type")))
        .isEqualTo("UNKNOWN");
  }

  @Test
  void unreachableServer_isUnavailable() throws Exception {
    server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);

    assertThatThrownBy(() -> call("sku-1")).isInstanceOf(StatusRuntimeException.class);

    assertThat(span(SpanKind.CLIENT).getAttributes().get(stringKey("error.type")))
        .isEqualTo("UNAVAILABLE");
  }

  @Test
  void methodThatIsNotGenerated_isOtherAtTheServer() throws Exception {
    stop();
    start(RESERVE.toBuilder().setSampledToLocalTracing(false).build());

    call("sku-1");

    eventually(
        "reported",
        () -> registry.find("rpc.server.call.duration").timers().stream()
            .anyMatch(timer -> timer.count() > 0));
    assertThat(registry
            .get("rpc.server.call.duration")
            .tag("rpc.method", "_OTHER")
            .timer()
            .count())
        .isEqualTo(1);
  }

  private void start(MethodDescriptor<String, String> method) throws IOException {
    server = NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            InsecureServerCredentials.create())
        .addService(ServerServiceDefinition.builder("shop.Inventory")
            .addMethod(method, ServerCalls.asyncUnaryCall(this::reserve))
            .build())
        .intercept(grpc.serverInterceptor())
        .build()
        .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
        .usePlaintext()
        .build();
  }

  private String call(String sku) {
    Channel reported = ClientInterceptors.intercept(channel, grpc.clientInterceptor());
    return ClientCalls.blockingUnaryCall(
        reported, RESERVE, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), sku);
  }

  private void reserve(String sku, StreamObserver<String> answer) {
    recorded.sdk().getTracer("test").spanBuilder("work").startSpan().end();
    switch (sku) {
      case "refused" -> answer.onError(Status.PERMISSION_DENIED.asRuntimeException());
      case "thrown" -> throw new IllegalStateException("expected by the test");
      default -> {
        answer.onNext("reserved " + sku);
        answer.onCompleted();
      }
    }
  }

  private SpanData span(SpanKind kind) {
    return recorded.spans().stream()
        .filter(span -> span.getKind() == kind)
        .findFirst()
        .orElseThrow();
  }
}
