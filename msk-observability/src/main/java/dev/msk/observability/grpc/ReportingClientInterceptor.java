package dev.msk.observability.grpc;

import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/** Reports calls that are sent. */
final class ReportingClientInterceptor implements ClientInterceptor {

  private final Telemetry telemetry;
  private final OperationType type;

  private ReportingClientInterceptor(Telemetry telemetry, OperationType type) {
    this.telemetry = telemetry;
    this.type = type;
  }

  /** Typed as the interface, so that whoever calls this loads without gRPC. */
  static ClientInterceptor of(Telemetry telemetry, OperationType type) {
    return new ReportingClientInterceptor(telemetry, type);
  }

  @Override
  public <I, O> ClientCall<I, O> interceptCall(
      MethodDescriptor<I, O> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<O> responses, Metadata headers) {
        Operation operation = begin(method, next.authority());
        operation.inject(headers, MetadataHeaders.INSTANCE);
        ReportedCall reported = new ReportedCall(operation);
        try {
          super.start(new Ending<>(responses, reported), headers);
        } catch (RuntimeException | Error e) {
          reported.threw(e);
          throw e;
        }
      }
    };
  }

  private Operation begin(MethodDescriptor<?, ?> method, String authority) {
    int colon = authority.lastIndexOf(':');
    boolean port = colon >= 0
        && authority.indexOf(']', colon) < 0
        && authority.substring(colon + 1).chars().allMatch(c -> c >= '0' && c <= '9');
    return type.bind(
            "grpc",
            method.getFullMethodName(),
            port ? authority.substring(0, colon) : authority,
            port ? authority.substring(colon + 1) : "")
        .start(telemetry.current());
  }

  private static final class Ending<O> extends SimpleForwardingClientCallListener<O> {

    private final ReportedCall reported;

    Ending(ClientCall.Listener<O> delegate, ReportedCall reported) {
      super(delegate);
      this.reported = reported;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      reported.end(status);
      super.onClose(status, trailers);
    }
  }
}
