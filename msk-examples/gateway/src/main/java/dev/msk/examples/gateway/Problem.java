package dev.msk.examples.gateway;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request that the gateway itself answers with an error: what an RFC 9457 problem says about it. */
final class Problem extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient Map<String, String> headers;

  Problem(int status, String detail) {
    this(status, detail, Map.of());
  }

  private Problem(int status, String detail, Map<String, String> headers) {
    super(detail, null, false, false);
    this.status = status;
    this.headers = headers;
  }

  /** The same with a header that the status calls for. */
  Problem with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Problem(status, getMessage(), more);
  }

  int status() {
    return status;
  }

  String title() {
    return HttpResponseStatus.valueOf(status).reasonPhrase();
  }

  Map<String, String> headers() {
    return headers;
  }
}
