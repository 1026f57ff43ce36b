package dev.msk.security;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.internal.Base64Url;
import dev.msk.security.internal.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;

/**
 * How a service proves to a token endpoint which client it is. Thread-safe; its {@link #toString()} tells no secret.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-2.3">RFC 6749, section 2.3</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7523#section-2.2">RFC 7523, section 2.2</a>
 */
public abstract sealed class ClientAuthentication {

  private static final String JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  private static final Duration ASSERTION_LIFE = Duration.ofSeconds(60);

  private ClientAuthentication() {}

  /**
   * A secret in the header {@code Authorization: Basic}.
   *
   * @param clientId the client
   * @param secret shared with the issuer
   * @return the authentication
   */
  public static ClientAuthentication secretBasic(String clientId, String secret) {
    return new Basic(requireNonNull(clientId, "clientId"), requireNonNull(secret, "secret"));
  }

  /**
   * A secret in the form; for issuers that take no other.
   *
   * @param clientId the client
   * @param secret shared with the issuer
   * @return the authentication
   */
  public static ClientAuthentication secretPost(String clientId, String secret) {
    return new Post(requireNonNull(clientId, "clientId"), requireNonNull(secret, "secret"));
  }

  /**
   * A signed assertion ({@code private_key_jwt}) that is valid for 60 s, a new one for each request.
   *
   * @param clientId the client
   * @param keyId the key as the issuer knows it
   * @param algorithm that the key is for
   * @param key never leaves this process
   * @return the authentication
   */
  public static ClientAuthentication privateKeyJwt(
      String clientId, String keyId, TokenAlgorithm algorithm, PrivateKey key) {
    return new PrivateKeyJwt(
        requireNonNull(clientId, "clientId"),
        requireNonNull(keyId, "keyId"),
        requireNonNull(algorithm, "algorithm"),
        requireNonNull(key, "key"));
  }

  /**
   * An assertion that the platform writes into a file and renews, such as a projected token of a Kubernetes service account;
   * read anew for each request.
   *
   * @param clientId the client
   * @param file of at most 16 KiB
   * @return the authentication
   */
  public static ClientAuthentication tokenFile(String clientId, Path file) {
    return new TokenFile(requireNonNull(clientId, "clientId"), requireNonNull(file, "file"));
  }

  /**
   * Adds what proves the client to a request.
   *
   * @throws UncheckedIOException if a file cannot be read
   */
  abstract void prove(
      URI endpoint, Instant now, Map<String, String> form, Map<String, String> headers);

  /** The kind, and no more. */
  @Override
  public String toString() {
    return "ClientAuthentication[" + getClass().getSimpleName() + "]";
  }

  private static void assertion(Map<String, String> form, String clientId, String assertion) {
    form.put("client_id", clientId);
    form.put("client_assertion_type", JWT_BEARER);
    form.put("client_assertion", assertion);
  }

  private static final class Basic extends ClientAuthentication {

    private final String header;

    Basic(String clientId, String secret) {
      String pair = encoded(clientId) + ":" + encoded(secret);
      this.header =
          "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    void prove(URI endpoint, Instant now, Map<String, String> form, Map<String, String> headers) {
      headers.put("Authorization", header);
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
  }

  private static final class Post extends ClientAuthentication {

    private final String clientId;
    private final String secret;

    Post(String clientId, String secret) {
      this.clientId = clientId;
      this.secret = secret;
    }

    @Override
    void prove(URI endpoint, Instant now, Map<String, String> form, Map<String, String> headers) {
      form.put("client_id", clientId);
      form.put("client_secret", secret);
    }
  }

  private static final class PrivateKeyJwt extends ClientAuthentication {

    private final String clientId;
    private final String keyId;
    private final TokenAlgorithm algorithm;
    private final PrivateKey key;

    PrivateKeyJwt(String clientId, String keyId, TokenAlgorithm algorithm, PrivateKey key) {
      this.clientId = clientId;
      this.keyId = keyId;
      this.algorithm = algorithm;
      this.key = key;
    }

    @Override
    void prove(URI endpoint, Instant now, Map<String, String> form, Map<String, String> headers) {
      ObjectNode header = JsonNodeFactory.instance.objectNode();
      header.put("alg", algorithm.header()).put("typ", "JWT").put("kid", keyId);
      ObjectNode claims = JsonNodeFactory.instance.objectNode();
      claims
          .put("iss", clientId)
          .put("sub", clientId)
          .put("aud", endpoint.toString())
          .put("jti", UUID.randomUUID().toString())
          .put("iat", now.getEpochSecond())
          .put("exp", now.plus(ASSERTION_LIFE).getEpochSecond());
      String input = encoded(header) + "." + encoded(claims);
      byte[] signature = sign(input.getBytes(StandardCharsets.US_ASCII));
      assertion(form, clientId, input + "." + Base64Url.encode(signature));
    }

    private byte[] sign(byte[] input) {
      try {
        Signature signer = Signature.getInstance(
            switch (algorithm) {
              case RS256 -> "SHA256withRSA";
              case PS256 -> "RSASSA-PSS";
              case ES256 -> "SHA256withECDSAinP1363Format";
              case EDDSA -> "Ed25519";
            });
        if (algorithm == TokenAlgorithm.PS256) {
          signer.setParameter(
              new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        }
        signer.initSign(key);
        signer.update(input);
        return signer.sign();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("key: does not sign with " + algorithm, e);
      }
    }

    private static String encoded(ObjectNode json) {
      return Base64Url.encode(StrictJson.write(json).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static final class TokenFile extends ClientAuthentication {

    private static final int MAX_BYTES = 16_384;

    private final String clientId;
    private final Path file;

    TokenFile(String clientId, Path file) {
      this.clientId = clientId;
      this.file = file;
    }

    @Override
    void prove(URI endpoint, Instant now, Map<String, String> form, Map<String, String> headers) {
      try {
        if (Files.size(file) > MAX_BYTES) {
          throw new IOException(file + ": too long (expected: <= " + MAX_BYTES + " bytes)");
        }
        assertion(form, clientId, Files.readString(file).strip());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
