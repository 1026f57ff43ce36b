package dev.msk.security.servlet;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.OptionalDependency;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import jakarta.servlet.Filter;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A servlet filter: what is behind it runs with the call's context and token, and only for requests that {@link BearerAuthentication} lets
 * through. {@code getUserPrincipal()} is the subject, {@code isUserInRole(scope)} says what the token allows, and what it came to is the attribute
 * {@value #OUTCOME}: code that goes on in another thread takes the context from there.
 *
 * <p>The certificate of a client that the container has verified is the caller. A path that could be read in two ways is answered with 400.
 * Blocks while the issuer's keys are waited for.
 *
 * <p>Needs {@code jakarta.servlet:jakarta.servlet-api}, which containers bring. Immutable.
 */
public final class ServletSecurity {

  /** The attribute with the {@link Outcome.Authenticated}. */
  public static final String OUTCOME = "dev.msk.security.outcome";

  private final BearerAuthentication door;
  private final @Nullable URI origin;

  private ServletSecurity(BearerAuthentication door, @Nullable URI origin) {
    this.door = door;
    this.origin = origin;
  }

  /**
   * Servlets behind a door.
   *
   * @param door decides; sees the path as resource, the context path included
   * @return to make the filter of
   * @throws dev.msk.core.MissingDependencyException if the Servlet API is not there
   */
  public static ServletSecurity of(BearerAuthentication door) {
    OptionalDependency.of(ServletSecurity.class, "servlet", "jakarta.servlet.Filter")
        .require("Servlet filter");
    return new ServletSecurity(requireNonNull(door, "door"), null);
  }

  /**
   * The same, which takes {@code Authorization: DPoP} too.
   *
   * @param origin scheme and host as clients spell them, for example {@code https://shop.example}
   * @return another one
   */
  public ServletSecurity dpop(URI origin) {
    return new ServletSecurity(door, requireNonNull(origin, "origin"));
  }

  /**
   * The filter.
   *
   * @return to be mapped to {@code /*}; thread-safe
   */
  public Filter filter() {
    return DoorFilter.of(door, origin);
  }
}
