package dev.msk.security.kafka;

import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.auth.SaslExtensions;
import org.apache.kafka.common.security.auth.SaslExtensionsCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;
import org.jspecify.annotations.Nullable;

/** What Kafka makes of {@link KafkaSecurity#oauthBearer}; public because Kafka makes it. */
public final class TokenLoginHandler implements AuthenticateCallbackHandler {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private @Nullable CredentialSource credentials;
  private String peer = "";

  /** For Kafka. */
  public TokenLoginHandler() {}

  @Override
  public void configure(
      Map<String, ?> configs, String saslMechanism, List<AppConfigurationEntry> jaas) {
    credentials =
        KafkaSecurity.required(configs, KafkaSecurity.CREDENTIALS, CredentialSource.class);
    peer = KafkaSecurity.required(configs, KafkaSecurity.PEER, String.class);
  }

  @Override
  public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      if (callback instanceof OAuthBearerTokenCallback wanted) {
        wanted.token(token());
      } else if (callback instanceof SaslExtensionsCallback extensions) {
        extensions.extensions(SaslExtensions.empty());
      } else {
        throw new UnsupportedCallbackException(callback);
      }
    }
  }

  @Override
  public void close() {}

  private OAuthBearerToken token() throws IOException {
    if (credentials == null) {
      throw new IllegalStateException("not configured");
    }
    try {
      long now = System.currentTimeMillis();
      Credential credential = credentials
          .credential(peer)
          .toCompletableFuture()
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return new Token(credential, peer, now);
    } catch (ExecutionException e) {
      throw new IOException("token for " + peer + ": " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("token for " + peer + ": not within " + PATIENCE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("token for " + peer + ": interrupted while waiting for it", e);
    }
  }

  private record Token(Credential credential, String peer, long askedAt)
      implements OAuthBearerToken {

    @Override
    public String value() {
      return credential.value();
    }

    @Override
    public Set<String> scope() {
      return Set.of();
    }

    @Override
    public long lifetimeMs() {
      return credential.expiresAt().toEpochMilli();
    }

    /** For Kafka's log only: whom the token speaks for is in it, and for the broker to read. */
    @Override
    public String principalName() {
      return "token for " + peer;
    }

    @Override
    public Long startTimeMs() {
      return askedAt;
    }

    @Override
    public String toString() {
      return "Token[for " + peer + ", expiresAt=" + credential.expiresAt() + "]";
    }
  }
}
