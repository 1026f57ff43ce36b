package dev.msk.examples.orders;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.spi.tls.SslContextFactory;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Gives a Vert.x server a context that follows the identity of this process: HTTP/2, and a certificate of each client. */
final class VertxTls extends SSLEngineOptions {

  /** Requests at once on a connection: as many as the gateway has under way. */
  private static final int MAX_STREAMS = 1024;

  private final SSLContext context;

  private VertxTls(SSLContext context) {
    this.context = context;
  }

  static HttpServerOptions server(SSLContext context) {
    return new HttpServerOptions()
        .setSsl(true)
        .setUseAlpn(true)
        .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(MAX_STREAMS))
        .setKeyCertOptions(KeyCertOptions.wrap(noKeys()))
        .setSslEngineOptions(new VertxTls(context));
  }

  /** Vert.x wants key options of each server with TLS; the keys are those of the context. */
  private static KeyManagerFactory noKeys() {
    try {
      KeyManagerFactory none =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      none.init(null, null);
      return none;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has one", e);
    }
  }

  @Override
  public SSLEngineOptions copy() {
    return new VertxTls(context);
  }

  @Override
  public SslContextFactory sslContextFactory() {
    return new Factory(context);
  }

  private static final class Factory implements SslContextFactory {

    private final SSLContext context;
    private List<String> protocols = List.of("h2", "http/1.1");

    Factory(SSLContext context) {
      this.context = context;
    }

    @Override
    public SslContextFactory applicationProtocols(List<String> names) {
      protocols = List.copyOf(names);
      return this;
    }

    @Override
    public SslContext create() {
      return new JdkSslContext(
          context,
          false,
          List.of(context.getDefaultSSLParameters().getCipherSuites()),
          SupportedCipherSuiteFilter.INSTANCE,
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              protocols),
          ClientAuth.REQUIRE,
          context.getDefaultSSLParameters().getProtocols(),
          false);
    }
  }
}
