package dev.msk.security;

import static java.util.Objects.requireNonNull;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * The name of a workload, such as {@code spiffe://shop.example/orders}: a trust domain, and a path within it.
 *
 * @param trustDomain lower-case letters, digits, dots, hyphens and underscores; whose authority vouches for the workload
 * @param path begins with a slash and does not end with one, or is empty for the trust domain itself
 * @see <a href="https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md">SPIFFE ID</a>
 */
public record SpiffeId(String trustDomain, String path) {

  private static final String SCHEME = "spiffe://";
  private static final int MAX_LENGTH = 2048;
  private static final int MAX_TRUST_DOMAIN_LENGTH = 255;
  private static final int URI_NAME = 6;
  private static final Pattern TRUST_DOMAIN = Pattern.compile("[a-z0-9._-]+");
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._-]+");

  /**
   * Checks the parts.
   *
   * @param trustDomain whose authority vouches
   * @param path within it
   * @throws IllegalArgumentException if a part is malformed
   */
  public SpiffeId {
    if (!TRUST_DOMAIN.matcher(trustDomain).matches()
        || trustDomain.length() > MAX_TRUST_DOMAIN_LENGTH) {
      throw new IllegalArgumentException("trustDomain: " + trustDomain
          + " (expected: 1 to 255 lower-case letters, digits, dots, hyphens, underscores)");
    }
    if (!isPath(path) || SCHEME.length() + trustDomain.length() + path.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("path: " + path
          + " (expected: /segments of letters, digits, dots, hyphens, underscores, or empty)");
    }
  }

  /**
   * Reads an id.
   *
   * @param text {@code spiffe://trust-domain/path}
   * @return the id
   * @throws IllegalArgumentException if it is malformed
   */
  public static SpiffeId of(String text) {
    requireNonNull(text, "text");
    if (!text.startsWith(SCHEME) || text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "spiffeId: " + text + " (expected: spiffe://trust-domain/path)");
    }
    int slash = text.indexOf('/', SCHEME.length());
    return slash < 0
        ? new SpiffeId(text.substring(SCHEME.length()), "")
        : new SpiffeId(text.substring(SCHEME.length(), slash), text.substring(slash));
  }

  /**
   * The id that a certificate names. Says nothing of who signed the certificate.
   *
   * @param certificate of a workload
   * @return the id; empty unless the certificate has exactly one URI among its names and that is a SPIFFE id with a path
   */
  public static Optional<SpiffeId> of(X509Certificate certificate) {
    List<String> uris = uris(certificate);
    if (uris.size() != 1) {
      return Optional.empty();
    }
    try {
      return Optional.of(of(uris.get(0))).filter(id -> !id.path().isEmpty());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * The id of the workload at the other end of a connection.
   *
   * @param session of the connection, after its handshake
   * @return the id in the certificate that the handshake has verified; empty if there is no certificate or no id in it
   */
  public static Optional<SpiffeId> ofPeer(SSLSession session) {
    try {
      return session.getPeerCertificates()[0] instanceof X509Certificate certificate
          ? of(certificate)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  /** The id as a URI: {@code spiffe://trust-domain/path}. */
  @Override
  public String toString() {
    return SCHEME + trustDomain + path;
  }

  private static List<String> uris(X509Certificate certificate) {
    List<String> uris = new ArrayList<>();
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      for (List<?> name : names == null ? List.<List<?>>of() : names) {
        if (Integer.valueOf(URI_NAME).equals(name.get(0))) {
          uris.add(String.valueOf(name.get(1)));
        }
      }
    } catch (CertificateParsingException e) {
      return List.of();
    }
    return uris;
  }

  private static boolean isPath(String path) {
    if (path.isEmpty()) {
      return true;
    }
    if (path.charAt(0) != '/') {
      return false;
    }
    for (String segment : path.substring(1).split("/", -1)) {
      if (!SEGMENT.matcher(segment).matches() || segment.equals(".") || segment.equals("..")) {
        return false;
      }
    }
    return true;
  }
}
