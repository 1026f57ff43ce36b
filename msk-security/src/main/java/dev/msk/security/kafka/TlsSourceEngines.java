package dev.msk.security.kafka;

import dev.msk.core.security.TlsSource;
import dev.msk.security.internal.GuardedEngine;
import java.security.KeyStore;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import org.apache.kafka.common.security.auth.SslEngineFactory;
import org.jspecify.annotations.Nullable;

/** What Kafka makes of {@link KafkaSecurity#tls}; public because Kafka makes it. */
public final class TlsSourceEngines implements SslEngineFactory {

  private @Nullable TlsSource source;
  private String peer = "";

  /** For Kafka. */
  public TlsSourceEngines() {}

  @Override
  public void configure(Map<String, ?> configs) {
    source = KafkaSecurity.required(configs, KafkaSecurity.TLS, TlsSource.class);
    peer = KafkaSecurity.required(configs, KafkaSecurity.PEER, String.class);
  }

  @Override
  public SSLEngine createClientSslEngine(
      String peerHost, int peerPort, String endpointIdentification) {
    SSLEngine engine = engine(peerHost, peerPort);
    engine.setUseClientMode(true);
    if (engine instanceof GuardedEngine guarded) {
      guarded.guardRequests();
    }
    return engine;
  }

  @Override
  public SSLEngine createServerSslEngine(String peerHost, int peerPort) {
    SSLEngine engine = engine(peerHost, peerPort);
    engine.setUseClientMode(false);
    return engine;
  }

  /** Never: each engine is of the present generation anyway. */
  @Override
  public boolean shouldBeRebuilt(Map<String, Object> nextConfigs) {
    return false;
  }

  @Override
  public Set<String> reconfigurableConfigs() {
    return Set.of();
  }

  /** None, since the key is in the source. */
  @Override
  public @Nullable KeyStore keystore() {
    return null;
  }

  /** None, since the authorities are in the source. */
  @Override
  public @Nullable KeyStore truststore() {
    return null;
  }

  @Override
  public void close() {}

  private SSLEngine engine(String peerHost, int peerPort) {
    if (source == null) {
      throw new IllegalStateException("not configured");
    }
    return source.context(peer).createSSLEngine(peerHost, peerPort);
  }
}
