package dev.msk.security.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.servlet.ServletSecurity;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** Tomcat. */
final class ServletDoorTest extends HttpDoorContract {

  @TempDir
  private Path folder;

  private Tomcat tomcat;

  @Override
  AutoCloseable start(BearerAuthentication door, @Nullable URI origin) throws Exception {
    tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setProperty("maxHttpHeaderSize", "32768");
    tomcat.getConnector().setProperty("maxKeepAliveRequests", "-1");
    // So that it is up to the filter.
    tomcat.getConnector().setProperty("relaxedPathChars", "\"<>[\\]^`{|}");
    Context context = tomcat.addContext("", folder.toString());
    Tomcat.addServlet(context, "orders", new Orders());
    context.addServletMappingDecoded("/*", "orders");
    FilterDef filter = new FilterDef();
    filter.setFilterName("door");
    ServletSecurity security = ServletSecurity.of(door);
    filter.setFilter((origin == null ? security : security.dpop(origin)).filter());
    context.addFilterDef(filter);
    FilterMap map = new FilterMap();
    map.setFilterName("door");
    map.addURLPattern("/*");
    context.addFilterMap(map);
    tomcat.start();
    return () -> {
      tomcat.stop();
      tomcat.destroy();
    };
  }

  @Override
  int port() {
    return tomcat.getConnector().getLocalPort();
  }

  private final class Orders extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      assertThat(request.getUserPrincipal().getName()).isEqualTo(request.getRemoteUser());
      assertThat(request.isUserInRole("orders:write")).isTrue();
      assertThat(request.isUserInRole("admin")).isFalse();
      assertThat(request.getAttribute(ServletSecurity.OUTCOME))
          .isInstanceOf(Outcome.Authenticated.class);
      response.getWriter().write(seen());
    }
  }
}
