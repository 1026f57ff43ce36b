package dev.msk.security.grpc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.security.TlsSource;
import dev.msk.core.spi.OptionalDependency;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ServerCredentials;

/**
 * Credentials of gRPC servers and channels from a {@link TlsSource}. Each new connection is made with the source's present
 * generation. A server's connections end when their client's authority is taken away; a channel's are used no more when the channel
 * {@linkplain #follow follows} the source. Give servers a {@code maxConnectionAge} of at most half the life of their
 * certificates.
 *
 * <p>Needs {@code io.grpc:grpc-netty-shaded}; servers and channels must be Netty's, as {@code Grpc.newServerBuilderForPort}
 * and {@code Grpc.newChannelBuilder} make them.
 */
public final class GrpcTls {

  private GrpcTls() {}

  /**
   * Credentials for a server that requires a certificate of each client.
   *
   * @param source of the server's identity
   * @param name of this service
   * @return for {@code Grpc.newServerBuilderForPort}
   * @throws dev.msk.core.MissingDependencyException if grpc-netty-shaded is not there
   */
  public static ServerCredentials server(TlsSource source, String name) {
    requireNetty();
    return NettyTls.server(source, name);
  }

  /**
   * Credentials for a channel to a peer. How the peer is known, by SPIFFE id or by the channel's authority as host name, is
   * up to the source.
   *
   * @param source of the client's identity
   * @param peer name of the service at the other end
   * @return for {@code Grpc.newChannelBuilder}
   * @throws dev.msk.core.MissingDependencyException if grpc-netty-shaded is not there
   */
  public static ChannelCredentials channel(TlsSource source, String peer) {
    requireNetty();
    return NettyTls.channel(source, peer);
  }

  /**
   * Has a channel use no connection from before a change of its source. Calls that come after the change get new connections; those that are
   * under way keep theirs until they end. The connections are closed after that, at least five seconds later.
   *
   * @param channel made with {@link #channel}, of gRPC's own making; stays yours
   * @param source the same that its credentials have
   * @return closing it ends this
   */
  public static TlsSource.Registration follow(ManagedChannel channel, TlsSource source) {
    requireNonNull(channel, "channel");
    return source.onChange(channel::enterIdle);
  }

  private static void requireNetty() {
    OptionalDependency.of(
            GrpcTls.class,
            "grpc-netty",
            "io.grpc.netty.shaded.io.grpc.netty.NettySslContextServerCredentials")
        .require("gRPC over TLS");
  }
}
