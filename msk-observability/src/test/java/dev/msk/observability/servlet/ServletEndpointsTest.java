package dev.msk.observability.servlet;

import dev.msk.observability.EndpointsContract;
import dev.msk.observability.ManagementEndpoints;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.io.TempDir;

/** In Tomcat, as the only servlet. */
class ServletEndpointsTest extends EndpointsContract {

  @TempDir
  private Path folder;

  private Tomcat tomcat;

  @Override
  protected int serve(ManagementEndpoints endpoints) throws Exception {
    tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext("", folder.toString());
    Tomcat.addServlet(context, "management", ServletEndpoints.of(endpoints).servlet());
    map(context, endpoints);
    tomcat.start();
    return tomcat.getConnector().getLocalPort();
  }

  void map(Context context, ManagementEndpoints endpoints) {
    context.addServletMappingDecoded("/*", "management");
  }

  @Override
  protected void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }
}
