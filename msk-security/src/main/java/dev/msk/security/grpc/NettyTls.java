package dev.msk.security.grpc;

import dev.msk.core.security.TlsSource;
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

/** What of {@link GrpcTls} needs Netty's classes, apart from it, so that it can say that they are missing. */
final class NettyTls {

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private NettyTls() {}

  static ServerCredentials server(TlsSource source, String name) {
    return NettySslContextServerCredentials.create(context(source, name, false));
  }

  static ChannelCredentials channel(TlsSource source, String peer) {
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
}
