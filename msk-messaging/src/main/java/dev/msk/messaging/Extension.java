package dev.msk.messaging;

/**
 * The documented CloudEvents extensions that MSK reads and writes by name.
 *
 * @see <a href="https://github.com/cloudevents/spec/tree/v1.0.2/cloudevents/extensions">CloudEvents
 *     extensions</a>
 */
public enum Extension {
  /** Events of one key keep their order; it becomes the record key in Kafka. */
  PARTITION_KEY("partitionkey"),
  /** Position among the events of one source and key, zero-padded so that it sorts as text. */
  SEQUENCE("sequence"),
  /** W3C trace context of the operation that caused the event. */
  TRACE_PARENT("traceparent"),
  /** Vendor part of the W3C trace context. */
  TRACE_STATE("tracestate"),
  /** The business flow that the event belongs to, across services. */
  CORRELATION_ID("correlationid"),
  /** Id of the event or request that directly caused this one. */
  CAUSATION_ID("causationid"),
  /** RFC 3339 time from which the event is of no use any more. */
  EXPIRY_TIME("expirytime"),
  /** RFC 3339 time at which the event was recorded, as against when it happened. */
  RECORDED_TIME("recordedtime"),
  /** Where the data is kept when it does not travel with the event (claim check). */
  DATA_REF("dataref"),
  /** Kind of principal on whose behalf the event was made. */
  AUTH_TYPE("authtype"),
  /** The principal on whose behalf the event was made. */
  AUTH_ID("authid"),
  /** Base64 of a DSSE envelope that vouches for the event. */
  DSSE_MATERIAL("dssematerial"),
  /** Comma-separated names of the extensions that the signature covers. */
  SIGNED_EXTENSION_ATTRIBUTES("signedextattrs"),
  /**
   * How the data is encoded, in the words of HTTP's Content-Encoding; {@code zstd}, or absent. The media
   * type is that of the decoded data. MSK's own: CloudEvents 1.0 has none, and the {@code
   * datacontentencoding} of 0.3 meant Base64 only.
   */
  CONTENT_ENCODING("contentencoding");

  private final String attribute;

  Extension(String attribute) {
    this.attribute = attribute;
  }

  /**
   * The name on the wire.
   *
   * @return the CloudEvents attribute name
   */
  public String attribute() {
    return attribute;
  }
}
