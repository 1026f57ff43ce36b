package dev.msk.security.grpc;

import dev.msk.core.security.TlsSource;
import dev.msk.core.spi.OptionalDependency;
import dev.msk.security.LiveTls;
import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettySslContextChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettySslContextServerCredentials;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2SecurityUtil;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SupportedCipherSuiteFilter;

/**
 * Credentials of gRPC servers and channels from a {@link TlsSource}. Each new connection is made with the source's present
 * generation; connections that are open stay open, so give servers a {@code maxConnectionAge} of at most half the life of
 * their certificates.
 *
 * <p>Needs {@code io.grpc:grpc-netty-shaded}; servers and channels must be Netty's, as {@code Grpc.newServerBuilderForPort}
 * and {@code Grpc.newChannelBuilder} make them.
 */
public final class GrpcTls {

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

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
    return NettySslContextServerCredentials.create(context(source, name, false));
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
    return NettySslContextChannelCredentials.create(context(source, peer, true));
  }

  private static SslContext context(TlsSource source, String peer, boolean client) {
    return new JdkSslContext(
        LiveTls.context(source, peer),
        client,
        Http2SecurityUtil.CIPHERS,
        SupportedCipherSuiteFilter.INSTANCE,
        new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            "h2"),
        client ? ClientAuth.NONE : ClientAuth.REQUIRE,
        PROTOCOLS.clone(),
        false);
  }

  private static void requireNetty() {
    OptionalDependency.of(
            GrpcTls.class,
            "grpc-netty",
            "io.grpc.netty.shaded.io.grpc.netty.NettySslContextServerCredentials")
        .require("gRPC over TLS");
  }
}
