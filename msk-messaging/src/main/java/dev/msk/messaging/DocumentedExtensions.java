package dev.msk.messaging;

import dev.msk.messaging.internal.Timestamps;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/** The extensions of {@link Extension}, each by a name of its own. An {@link EventEnvelope} has them. */
public interface DocumentedExtensions {

  /**
   * A documented extension.
   *
   * @param extension which one
   * @return its value, empty when the event does not carry it
   */
  Optional<String> extension(Extension extension);

  /**
   * Events of one key keep their order.
   *
   * @return the extension {@code partitionkey}
   */
  default Optional<String> partitionKey() {
    return extension(Extension.PARTITION_KEY);
  }

  /**
   * Position among the events of one source and key.
   *
   * @return the extension {@code sequence}, which sorts as text
   */
  default Optional<String> sequence() {
    return extension(Extension.SEQUENCE);
  }

  /**
   * The operation that caused the event, in a trace.
   *
   * @return the extension {@code traceparent}, as W3C writes it; not checked, since a broken trace breaks no event
   */
  default Optional<String> traceParent() {
    return extension(Extension.TRACE_PARENT);
  }

  /**
   * Vendor part of the trace context.
   *
   * @return the extension {@code tracestate}
   */
  default Optional<String> traceState() {
    return extension(Extension.TRACE_STATE);
  }

  /**
   * The business flow that the event belongs to, across services.
   *
   * @return the extension {@code correlationid}
   */
  default Optional<String> correlationId() {
    return extension(Extension.CORRELATION_ID);
  }

  /**
   * Id of the event or request that directly caused this one.
   *
   * @return the extension {@code causationid}
   */
  default Optional<String> causationId() {
    return extension(Extension.CAUSATION_ID);
  }

  /**
   * From when on the event is of no use any more. Parsed at each call.
   *
   * @return the extension {@code expirytime}
   */
  default Optional<OffsetDateTime> expiryTime() {
    return extension(Extension.EXPIRY_TIME).map(Timestamps::parse);
  }

  /**
   * When the event was recorded, as against when it happened. Parsed at each call.
   *
   * @return the extension {@code recordedtime}
   */
  default Optional<OffsetDateTime> recordedTime() {
    return extension(Extension.RECORDED_TIME).map(Timestamps::parse);
  }

  /**
   * Where the data is kept when it does not travel with the event.
   *
   * @return the extension {@code dataref}, a URI-reference
   */
  default Optional<String> dataRef() {
    return extension(Extension.DATA_REF);
  }

  /**
   * Kind of principal on whose behalf the event was made.
   *
   * @return the extension {@code authtype}
   */
  default Optional<String> authType() {
    return extension(Extension.AUTH_TYPE);
  }

  /**
   * The principal on whose behalf the event was made.
   *
   * @return the extension {@code authid}
   */
  default Optional<String> authId() {
    return extension(Extension.AUTH_ID);
  }

  /**
   * What vouches for the event.
   *
   * @return the extension {@code dssematerial}, Base64 of a DSSE envelope
   */
  default Optional<String> dsseMaterial() {
    return extension(Extension.DSSE_MATERIAL);
  }

  /**
   * The extensions that the signature covers.
   *
   * @return the names in the extension {@code signedextattrs}, none when the event does not carry it
   */
  default List<String> signedExtensionAttributes() {
    return extension(Extension.SIGNED_EXTENSION_ATTRIBUTES)
        .map(names -> List.of(names.split(",", -1)))
        .orElse(List.of());
  }

  /**
   * How the data is encoded.
   *
   * @return the extension {@code contentencoding}, empty when the data is what its media type says
   */
  default Optional<String> contentEncoding() {
    return extension(Extension.CONTENT_ENCODING);
  }
}
