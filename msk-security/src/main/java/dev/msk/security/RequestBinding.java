package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.security.internal.Base64Url;
import dev.msk.security.internal.Sha256;
import java.net.URI;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What a request proves of its sender, beside the token that it carries: the certificate of its connection, a DPoP proof. A
 * token that is bound to its sender ({@code cnf}) is worth nothing without it.
 *
 * <p>Immutable: each method returns another one.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8705#section-3">RFC 8705, section 3</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9449#section-7">RFC 9449, section 7</a>
 */
public final class RequestBinding {

  private static final RequestBinding NONE = new RequestBinding(null, null, null);

  private final @Nullable X509Certificate certificate;
  private final @Nullable Dpop dpop;
  private final @Nullable String action;

  private RequestBinding(
      @Nullable X509Certificate certificate, @Nullable Dpop dpop, @Nullable String action) {
    this.certificate = certificate;
    this.dpop = dpop;
    this.action = action;
  }

  /**
   * A request that proves nothing: whoever has its token could have sent it.
   *
   * @return no certificate, no DPoP proof
   */
  public static RequestBinding none() {
    return NONE;
  }

  /**
   * A connection with mutual TLS.
   *
   * @param certificate of the client, whose private key the handshake has shown it to hold
   * @return the binding with it
   */
  public RequestBinding certificate(X509Certificate certificate) {
    return new RequestBinding(requireNonNull(certificate, "certificate"), dpop, action);
  }

  /**
   * The connection that the request came on.
   *
   * @param session of the connection, after its handshake; null where there is no TLS
   * @return the binding with the client's certificate; without it, if the client has shown none
   */
  public RequestBinding peer(@Nullable SSLSession session) {
    return new RequestBinding(session == null ? null : certificateOf(session), dpop, action);
  }

  /**
   * A request whose token came as {@code Authorization: DPoP}. Not to be called for {@code Bearer}, whatever other headers there
   * are.
   *
   * @param method of the request, for example {@code POST}
   * @param uri of the request, as clients spell it: scheme and host are to be taken from the configuration and not from the
   *     request, so that a proof for another host is not taken; query and fragment are ignored
   * @param proofs all values of the header {@code DPoP}; there must be one
   * @return the binding with it
   */
  public RequestBinding dpop(String method, URI uri, List<String> proofs) {
    return new RequestBinding(
        certificate,
        new Dpop(requireNonNull(method, "method"), requireNonNull(uri, "uri"), List.copyOf(proofs)),
        action);
  }

  /**
   * What the request asks for; proves nothing, and is told in the {@link SecurityEvent} when the token is refused.
   *
   * @param action for example {@code POST /orders}
   * @return the binding with it
   */
  public RequestBinding action(String action) {
    return new RequestBinding(certificate, dpop, requireNonNull(action, "action"));
  }

  Optional<String> certificateThumbprint() {
    if (certificate == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Base64Url.encode(Sha256.digest(certificate.getEncoded())));
    } catch (CertificateEncodingException e) {
      return Optional.empty();
    }
  }

  @Nullable
  String action() {
    return action;
  }

  Optional<SpiffeId> caller() {
    return certificate == null ? Optional.empty() : SpiffeId.of(certificate);
  }

  @Nullable
  Dpop dpop() {
    return dpop;
  }

  private static @Nullable X509Certificate certificateOf(SSLSession session) {
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate first ? first : null;
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }

  /** A request by DPoP. */
  record Dpop(String method, URI uri, List<String> proofs) {}
}
