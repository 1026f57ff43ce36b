package dev.msk.security.spiffe;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * Where the Workload API is served.
 *
 * @see <a href="https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Workload_Endpoint.md#4-locating-the-endpoint">Locating
 *     the endpoint</a>
 */
final class WorkloadAddress {

  private static final String EXPECTED =
      " (expected: unix:///absolute/path or tcp://ip-address:port)";
  private static final Pattern IP = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9A-Fa-f:.]+]");
  private static final int MAX_PORT = 65_535;

  private WorkloadAddress() {}

  static SocketAddress parse(String name, String text) {
    try {
      URI uri = URI.create(text);
      if (uri.getRawQuery() == null && uri.getRawFragment() == null && uri.getUserInfo() == null) {
        String path = uri.getPath() == null ? "" : uri.getPath();
        if ("unix".equals(uri.getScheme())
            && uri.getRawAuthority() == null
            && path.startsWith("/")) {
          return UnixDomainSocketAddress.of(path);
        }
        if ("tcp".equals(uri.getScheme()) && path.isEmpty() && isIpAndPort(uri)) {
          return new InetSocketAddress(InetAddress.getByName(uri.getHost()), uri.getPort());
        }
      }
    } catch (IllegalArgumentException | UnknownHostException e) {
      throw new IllegalArgumentException(name + ": " + text + EXPECTED, e);
    }
    throw new IllegalArgumentException(name + ": " + text + EXPECTED);
  }

  private static boolean isIpAndPort(URI uri) {
    String host = uri.getHost();
    return host != null
        && IP.matcher(host).matches()
        && uri.getPort() > 0
        && uri.getPort() <= MAX_PORT;
  }
}
