package dev.msk.security.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.security.Authorizer;
import dev.msk.security.CredentialCheck;
import dev.msk.security.doors.HostileTokensContract;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** gRPC, whose metadata are the headers. */
final class GrpcHostileTokensTest extends HostileTokensContract {

  private Server server;

  @Override
  protected AutoCloseable serve(CredentialCheck check, Authorizer rules) throws Exception {
    server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
        .maxInboundMetadataSize(32_768)
        .addService(new Greeter(Greeter.SERVICE, request -> seen()))
        .intercept(ServerSecurity.builder(rules).tokens(check).build())
        .build()
        .start();
    return () -> server.shutdownNow().awaitTermination(60, TimeUnit.SECONDS);
  }

  @Override
  protected Line connect() {
    return new Call(Grpc.newChannelBuilderForAddress(
            "127.0.0.1", server.getPort(), InsecureChannelCredentials.create())
        .build());
  }

  @Override
  protected String refusal() {
    return "UNAUTHENTICATED no valid access token []";
  }

  /** A channel, whose connection no refusal ends. */
  private static final class Call implements Line {

    private static final Set<String> HARMLESS = Set.of("content-type", "grpc-encoding", "date");

    private final ManagedChannel channel;

    Call(ManagedChannel channel) {
      this.channel = channel;
    }

    @Override
    public String call(String... headers) {
      Metadata metadata = new Metadata();
      for (String header : headers) {
        int colon = header.indexOf(':');
        metadata.put(
            Metadata.Key.of(header.substring(0, colon), Metadata.ASCII_STRING_MARSHALLER),
            header.substring(colon + 2));
      }
      Channel withHeaders = ClientInterceptors.intercept(
          channel, MetadataUtils.newAttachHeadersInterceptor(metadata));
      try {
        return "OK " + Greeter.greet(withHeaders);
      } catch (StatusRuntimeException e) {
        Set<String> trailers = new TreeSet<>();
        Metadata told = Status.trailersFromThrowable(e);
        if (told != null) {
          trailers.addAll(told.keys());
        }
        trailers.removeAll(HARMLESS);
        if (e.getStatus().getCode() == Status.Code.UNAUTHENTICATED) {
          assertThat(channel.getState(false)).isEqualTo(ConnectivityState.READY);
        }
        return e.getStatus().getCode() + " " + e.getStatus().getDescription() + " " + trailers;
      }
    }

    @Override
    public void close() throws InterruptedException {
      channel.shutdownNow().awaitTermination(60, TimeUnit.SECONDS);
    }
  }
}
