package dev.msk.security.servlet;

import dev.msk.security.Verification.Verified;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.security.Principal;

/** A request whose user is the subject of its credential. */
final class AuthenticatedRequest extends HttpServletRequestWrapper {

  private final Verified verified;

  AuthenticatedRequest(HttpServletRequest request, Verified verified) {
    super(request);
    this.verified = verified;
  }

  @Override
  public String getRemoteUser() {
    return verified.subject();
  }

  @Override
  public Principal getUserPrincipal() {
    return verified::subject;
  }

  @Override
  public boolean isUserInRole(String role) {
    return verified.scopes().contains(role);
  }
}
