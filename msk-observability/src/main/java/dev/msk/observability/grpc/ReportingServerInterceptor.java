package dev.msk.observability.grpc;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;

/** Reports calls that are served. */
final class ReportingServerInterceptor implements ServerInterceptor {

  private final Telemetry telemetry;
  private final OperationType type;

  private ReportingServerInterceptor(Telemetry telemetry, OperationType type) {
    this.telemetry = telemetry;
    this.type = type;
  }

  /** Typed as the interface, so that whoever calls this loads without gRPC. */
  static ServerInterceptor of(Telemetry telemetry, OperationType type) {
    return new ReportingServerInterceptor(telemetry, type);
  }

  @Override
  public <I, O> ServerCall.Listener<I> interceptCall(
      ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
    ReportedCall reported = new ReportedCall(start(call, headers));
    ServerCall<I, O> observed = new SimpleForwardingServerCall<>(call) {
      @Override
      public void close(Status status, Metadata trailers) {
        reported.status(status);
        super.close(status, trailers);
      }
    };
    try (Scope scope = reported.makeCurrent()) {
      return new Callbacks<>(next.startCall(observed, headers), reported);
    } catch (RuntimeException | Error e) {
      reported.threw(e);
      throw e;
    }
  }

  private Operation start(ServerCall<?, ?> call, Metadata headers) {
    MethodDescriptor<?, ?> method = call.getMethodDescriptor();
    boolean generated = method.isSampledToLocalTracing();
    Operation operation = type.bind(
            "grpc", generated ? method.getFullMethodName() : Telemetry.OVERFLOW)
        .start(telemetry.extract(headers, MetadataHeaders.INSTANCE));
    if (!generated) {
      operation.attribute("rpc.method_original", method.getFullMethodName());
    }
    if (call.getAttributes().get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR)
        instanceof InetSocketAddress local) {
      operation
          .attribute("server.address", local.getHostString())
          .attribute("server.port", local.getPort());
    }
    return operation;
  }

  private static final class Callbacks<I> extends SimpleForwardingServerCallListener<I> {

    private final ReportedCall reported;

    Callbacks(ServerCall.Listener<I> delegate, ReportedCall reported) {
      super(delegate);
      this.reported = reported;
    }

    @Override
    public void onMessage(I message) {
      observed(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      observed(super::onHalfClose);
    }

    @Override
    public void onReady() {
      observed(super::onReady);
    }

    @Override
    public void onCancel() {
      observed(super::onCancel);
      reported.end(Status.CANCELLED);
    }

    @Override
    public void onComplete() {
      observed(super::onComplete);
      reported.end(Status.OK);
    }

    private void observed(Runnable callback) {
      try (Scope scope = reported.makeCurrent()) {
        callback.run();
      } catch (RuntimeException | Error e) {
        reported.threw(e);
        throw e;
      }
    }
  }
}
