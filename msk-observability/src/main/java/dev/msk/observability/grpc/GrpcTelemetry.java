package dev.msk.observability.grpc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.OptionalDependency;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.Telemetry;
import io.grpc.ClientInterceptor;
import io.grpc.ServerInterceptor;

/**
 * Interceptors that report gRPC calls by OpenTelemetry's RPC conventions (release candidate), and carry the trace across.
 *
 * <p>Spans are named for the method, {@code shop.Inventory/Reserve}; durations are {@code rpc.server.call.duration} and
 * {@code rpc.client.call.duration} in seconds, with {@code rpc.method}, {@code rpc.response.status_code} and {@code
 * error.type}. A client fails with every status but OK; a server with UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL,
 * UNAVAILABLE and DATA_LOSS only, since the others tell of the caller. Methods that are not generated from a service definition
 * are {@value Telemetry#OVERFLOW} at the server: their names come from the caller.
 *
 * <p>The server's operation is current in every callback of the call, the client's context is what is current when the call
 * starts. Thread-safe.
 */
public final class GrpcTelemetry {

  private final Telemetry telemetry;

  private GrpcTelemetry(Telemetry telemetry) {
    this.telemetry = telemetry;
  }

  /**
   * Interceptors that report to a telemetry.
   *
   * @param telemetry where it goes
   * @return the interceptors' maker
   * @throws dev.msk.core.MissingDependencyException without grpc-api
   */
  public static GrpcTelemetry of(Telemetry telemetry) {
    requireNonNull(telemetry, "telemetry");
    OptionalDependency.of(GrpcTelemetry.class, "grpc", "io.grpc.ServerInterceptor")
        .require("gRPC telemetry");
    return new GrpcTelemetry(telemetry);
  }

  /**
   * An interceptor for servers. Let it be the outermost, so that it sees calls that others refuse: the last one given to
   * {@code ServerBuilder.intercept}.
   *
   * @return the interceptor
   */
  public ServerInterceptor serverInterceptor() {
    return ReportingServerInterceptor.of(
        telemetry,
        telemetry.operation(OperationSpec.builder("rpc.server.call", OperationKind.SERVER)
            .description("Duration of RPCs served")
            .tags("rpc.system.name", "rpc.method")
            .build()));
  }

  /**
   * An interceptor for channels and stubs. Given once to a channel it reports a call with all its retries; the server's address
   * is the channel's authority.
   *
   * @return the interceptor
   */
  public ClientInterceptor clientInterceptor() {
    return ReportingClientInterceptor.of(
        telemetry,
        telemetry.operation(OperationSpec.builder("rpc.client.call", OperationKind.CLIENT)
            .description("Duration of RPCs sent")
            .tags("rpc.system.name", "rpc.method", "server.address", "server.port")
            .build()));
  }
}
