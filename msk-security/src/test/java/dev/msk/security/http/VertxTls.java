package dev.msk.security.http;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.spi.tls.SslContextFactory;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Gives a Vert.x 5 server a context of {@link dev.msk.security.LiveTls}: HTTP/2, and a certificate of each client. To be copied. */
public final class VertxTls extends SSLEngineOptions {

  private final SSLContext context;

  private VertxTls(SSLContext context) {
    this.context = context;
  }

  public static HttpServerOptions server(SSLContext context) throws GeneralSecurityException {
    // Vert.x wants key options of each server with TLS; the keys are those of the context.
    KeyManagerFactory none = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    none.init(null, null);
    return new HttpServerOptions()
        .setSsl(true)
        .setUseAlpn(true)
        .setKeyCertOptions(KeyCertOptions.wrap(none))
        .setSslEngineOptions(new VertxTls(context));
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
