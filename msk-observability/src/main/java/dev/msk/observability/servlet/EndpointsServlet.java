package dev.msk.observability.servlet;

import dev.msk.observability.EndpointResponse;
import dev.msk.observability.ManagementEndpoints;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The servlet of {@link ServletEndpoints}. No {@code HttpServlet}, which would be serializable. Thread-safe. */
final class EndpointsServlet implements Servlet {

  private final ManagementEndpoints endpoints;
  private volatile @Nullable ServletConfig config;

  private EndpointsServlet(ManagementEndpoints endpoints) {
    this.endpoints = endpoints;
  }

  /** Of the interface's type, so that whoever only asks for the library can be verified without it. */
  static Servlet of(ManagementEndpoints endpoints) {
    return new EndpointsServlet(endpoints);
  }

  @Override
  public void init(ServletConfig value) {
    this.config = value;
  }

  @Override
  public @Nullable ServletConfig getServletConfig() {
    return config;
  }

  @Override
  public String getServletInfo() {
    return "MSK management endpoints";
  }

  @Override
  public void service(ServletRequest request, ServletResponse response)
      throws ServletException, IOException {
    if (!(request instanceof HttpServletRequest http)
        || !(response instanceof HttpServletResponse answer)) {
      throw new ServletException("request: " + request.getClass() + " (expected: HTTP)");
    }
    send(endpoints.answer(http.getMethod(), path(http), http.getHeader("Accept")), answer);
  }

  @Override
  public void destroy() {
    config = null;
  }

  /** Below the prefix that the servlet is mapped to; mapped to the path itself there is nothing below. */
  private static String path(HttpServletRequest http) {
    String below = http.getPathInfo();
    return below == null ? http.getServletPath() : below;
  }

  private static void send(EndpointResponse response, HttpServletResponse answer)
      throws IOException {
    answer.setStatus(response.status());
    answer.setContentType(response.contentType());
    response.headers().forEach(answer::setHeader);
    if (response.body().length > 0) {
      answer.setContentLength(response.body().length);
      answer.getOutputStream().write(response.body());
    }
  }
}
