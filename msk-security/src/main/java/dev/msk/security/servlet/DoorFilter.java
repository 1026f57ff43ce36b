package dev.msk.security.servlet;

import dev.msk.core.Scope;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Request;
import dev.msk.security.internal.HttpHeaders;
import dev.msk.security.internal.RequestPath;
import dev.msk.security.internal.RequestUri;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The filter of {@link ServletSecurity}. Thread-safe. */
final class DoorFilter implements Filter {

  private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

  private final BearerAuthentication door;
  private final @Nullable URI origin;

  private DoorFilter(BearerAuthentication door, @Nullable URI origin) {
    this.door = door;
    this.origin = origin;
  }

  /** Of the interface's type, so that whoever only asks for the library can be verified without it. */
  static Filter of(BearerAuthentication door, @Nullable URI origin) {
    return new DoorFilter(door, origin);
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (!(request instanceof HttpServletRequest http)
        || !(response instanceof HttpServletResponse answer)) {
      throw new ServletException("request: " + request.getClass() + " (expected: HTTP)");
    }
    Optional<Request> parts =
        RequestPath.decoded(http.getRequestURI()).flatMap(path -> request(http, path));
    if (parts.isEmpty()) {
      answer.setStatus(HttpServletResponse.SC_BAD_REQUEST);
      return;
    }
    Outcome outcome = door.authenticate(parts.get());
    if (outcome instanceof Outcome.Authenticated through) {
      http.setAttribute(ServletSecurity.OUTCOME, through);
      try (Scope context = through.context().makeCurrent();
          Scope token = through.token().makeCurrent()) {
        chain.doFilter(new AuthenticatedRequest(http, through.verified()), answer);
      }
    } else {
      refuse(answer, (Outcome.Refused) outcome);
    }
  }

  private Optional<Request> request(HttpServletRequest http, String path) {
    Request plain = Request.of(
            http.getMethod(), path, HttpHeaders.authorization(headers(http, "Authorization")))
        .context(HttpHeaders.CALL.extract(http, HttpServletRequest::getHeader).build());
    Request request =
        http.getAttribute(CERTIFICATES) instanceof X509Certificate[] chain && chain.length > 0
            ? plain.certificate(chain[0])
            : plain;
    return origin == null
        ? Optional.of(request)
        : RequestUri.of(origin, http.getRequestURI())
            .map(uri -> request.dpop(uri, headers(http, "DPoP")));
  }

  private static List<String> headers(HttpServletRequest http, String name) {
    return Collections.list(http.getHeaders(name));
  }

  private static void refuse(HttpServletResponse answer, Outcome.Refused refused)
      throws IOException {
    answer.setStatus(refused.status());
    answer.setHeader("WWW-Authenticate", refused.wwwAuthenticate());
    answer.setHeader("Cache-Control", "no-store");
    answer.setContentType(HttpHeaders.PROBLEM);
    answer.getOutputStream().write(refused.problem().getBytes(StandardCharsets.UTF_8));
  }
}
