package dev.msk.security.internal;

import dev.msk.core.resilience.CallHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Headers that the doors of HTTP servers read and write. */
public final class HttpHeaders {

  /** What travels with a call. */
  public static final CallHeaders CALL = CallHeaders.create();

  /** The content type of refusals. */
  public static final String PROBLEM = "application/problem+json";

  /** What no verifier takes. */
  private static final String AMBIGUOUS = "Bearer ";

  private HttpHeaders() {}

  /**
   * The header {@code Authorization}, of which there must be one.
   *
   * @param values all of them; null or none if there is no such header
   * @return null if there is none; a token that is refused if there are several, since another server might have taken another one
   */
  public static @Nullable String authorization(@Nullable List<String> values) {
    if (values == null || values.isEmpty()) {
      return null;
    }
    return values.size() == 1 ? values.get(0) : AMBIGUOUS;
  }
}
