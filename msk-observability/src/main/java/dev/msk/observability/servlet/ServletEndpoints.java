package dev.msk.observability.servlet;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.OptionalDependency;
import dev.msk.observability.ManagementEndpoints;
import jakarta.servlet.Servlet;

/**
 * {@link ManagementEndpoints} as a servlet. Needs {@code jakarta.servlet:jakarta.servlet-api} from 5.0 on, which containers bring. Immutable.
 */
public final class ServletEndpoints {

  private final ManagementEndpoints endpoints;

  private ServletEndpoints(ManagementEndpoints endpoints) {
    this.endpoints = endpoints;
  }

  /**
   * Servlets that answer by some endpoints.
   *
   * @param endpoints answer
   * @return to make the servlet of
   * @throws dev.msk.core.MissingDependencyException if the Servlet API is not there
   */
  public static ServletEndpoints of(ManagementEndpoints endpoints) {
    OptionalDependency.of(ServletEndpoints.class, "servlet", "jakarta.servlet.Servlet")
        .require("Servlet of metrics and probes");
    return new ServletEndpoints(requireNonNull(endpoints, "endpoints"));
  }

  /**
   * A servlet. Map it to each of {@link ManagementEndpoints#paths()}, or to {@code /*} or another prefix, below which the paths then are.
   *
   * @return for {@code ServletContext.addServlet}; thread-safe
   */
  public Servlet servlet() {
    return EndpointsServlet.of(endpoints);
  }
}
