package dev.msk.core.testing;

import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.SpanRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An operation that has ended, as {@link RecordingTelemetry} saw it.
 *
 * @param name of its spec
 * @param kind of its spec
 * @param tags values by key
 * @param attributes values by key; numbers are {@link Long}
 * @param span its identity
 * @param parent what it was part of, empty for the first of a trace
 * @param links what it pointed at
 * @param outcome how it ended: what was said, else {@code error} or {@code ok}
 * @param error what went wrong, if something did
 */
public record RecordedOperation(
    String name,
    OperationKind kind,
    Map<String, String> tags,
    Map<String, Object> attributes,
    SpanRef span,
    Optional<SpanRef> parent,
    List<SpanRef> links,
    String outcome,
    Optional<Throwable> error) {

  /**
   * Copies the collections.
   *
   * @param name of its spec
   * @param kind of its spec
   * @param tags values by key
   * @param attributes values by key
   * @param span its identity
   * @param parent what it was part of
   * @param links what it pointed at
   * @param outcome how it ended
   * @param error what went wrong
   */
  public RecordedOperation {
    tags = Map.copyOf(tags);
    attributes = Map.copyOf(attributes);
    links = List.copyOf(links);
  }
}
