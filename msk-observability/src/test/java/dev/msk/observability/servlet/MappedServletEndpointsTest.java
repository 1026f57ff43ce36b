package dev.msk.observability.servlet;

import dev.msk.observability.ManagementEndpoints;
import org.apache.catalina.Context;

/** In Tomcat, mapped to each path, and to what nobody else takes. */
final class MappedServletEndpointsTest extends ServletEndpointsTest {

  @Override
  void map(Context context, ManagementEndpoints endpoints) {
    endpoints.paths().forEach(path -> context.addServletMappingDecoded(path, "management"));
    context.addServletMappingDecoded("/", "management");
  }
}
