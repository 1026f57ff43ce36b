package dev.msk.messaging;

import dev.msk.core.Codec;
import dev.msk.core.event.EventView;
import dev.msk.messaging.internal.AttributeRules;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An immutable event: the context attributes of CloudEvents 1.0, its extensions, and its data as bytes.
 *
 * <p>Two events with the same {@link #source() source} and {@link #id() id} are the same event,
 * however often they are delivered: that pair is what an {@link Inbox} remembers. A {@link #type()
 * type} is a name of the domain, such as {@code order.accepted}, never a Java class.
 *
 * <p>Attributes are kept as the strings that CloudEvents defines and are checked when the event is
 * built, so an event that exists is legal. {@link #time()} is parsed when it is asked for. The data
 * is not copied: neither on the way in nor on the way out.
 *
 * <pre>
 * specversion      1.0
 * id               01938f2c-7b1e-7cc1-9a52-1f2be4d5a001   required
 * source           /orders                                required, URI-reference
 * type             order.accepted                         required
 * subject          4711
 * time             2026-11-23T10:15:30.123456Z            RFC 3339
 * datacontenttype  application/json
 * dataschema       https://schemas.example/order/2        URI
 * partitionkey     4711                                   extension: events of one key keep their order
 * </pre>
 *
 * <p>Thread-safe, as long as nobody changes the array behind {@link #data()}.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md">CloudEvents 1.0.2</a>
 */
public final class EventEnvelope implements EventView {

  private final String id;
  private final String source;
  private final String type;
  private final @Nullable String subject;
  private final @Nullable String time;
  private final @Nullable String dataContentType;
  private final @Nullable String dataSchema;
  private final Map<String, String> extensions;
  private final byte @Nullable [] data;

  private EventEnvelope(Builder builder) {
    this.id = AttributeRules.requireText("id", builder.id);
    this.source = AttributeRules.requireUriReference("source", builder.source);
    this.type = AttributeRules.requireText("type", builder.type);
    this.subject =
        builder.subject == null ? null : AttributeRules.requireText("subject", builder.subject);
    this.time = builder.time == null ? null : AttributeRules.requireTimestamp("time", builder.time);
    this.dataContentType = builder.dataContentType == null
        ? null
        : AttributeRules.requireText("datacontenttype", builder.dataContentType);
    this.dataSchema = builder.dataSchema == null
        ? null
        : AttributeRules.requireUri("dataschema", builder.dataSchema);
    this.extensions = Collections.unmodifiableMap(builder.extensions);
    this.data = builder.data;
  }

  /**
   * Starts an event from the three attributes that every event must have.
   *
   * @param id unique within the source, not empty
   * @param source a URI-reference that names the producer, such as {@code /orders}
   * @param type the kind of occurrence, a name of the domain, such as {@code order.accepted}
   * @return a builder without data or further attributes
   */
  public static Builder builder(String id, String source, String type) {
    return new Builder(id, source, type);
  }

  /**
   * Starts a changed copy. The copy shares the data.
   *
   * @return a builder that holds everything of this event
   */
  public Builder toBuilder() {
    Builder builder = new Builder(id, source, type);
    builder.subject = subject;
    builder.time = time;
    builder.dataContentType = dataContentType;
    builder.dataSchema = dataSchema;
    builder.data = data;
    builder.extensions.putAll(extensions);
    return builder;
  }

  /**
   * The identifier, unique within {@link #source()}.
   *
   * @return the attribute {@code id}
   */
  public String id() {
    return id;
  }

  /**
   * The producer of the event.
   *
   * @return the attribute {@code source}, a URI-reference
   */
  public String source() {
    return source;
  }

  /**
   * The kind of occurrence.
   *
   * @return the attribute {@code type}
   */
  public String type() {
    return type;
  }

  /**
   * What the event is about, within its source.
   *
   * @return the attribute {@code subject}
   */
  public Optional<String> subject() {
    return Optional.ofNullable(subject);
  }

  /**
   * When it happened. Parsed at each call.
   *
   * @return the attribute {@code time}
   */
  public Optional<OffsetDateTime> time() {
    return Optional.ofNullable(time).map(OffsetDateTime::parse);
  }

  /**
   * When it happened, as it stands in the event.
   *
   * @return the attribute {@code time}, RFC 3339
   */
  public Optional<String> timeText() {
    return Optional.ofNullable(time);
  }

  /**
   * The media type of the data.
   *
   * @return the attribute {@code datacontenttype}
   */
  public Optional<String> dataContentType() {
    return Optional.ofNullable(dataContentType);
  }

  /**
   * The schema that the data follows.
   *
   * @return the attribute {@code dataschema}, a URI
   */
  public Optional<String> dataSchema() {
    return Optional.ofNullable(dataSchema);
  }

  /**
   * The key within which order is kept: the extension {@code partitionkey}, else the subject, else
   * the id (an event without either is ordered against nothing).
   *
   * @return never empty
   */
  public String orderingKey() {
    String key = extensions.get(Extension.PARTITION_KEY.attribute());
    if (key != null) {
      return key;
    }
    return subject != null ? subject : id;
  }

  /**
   * A documented extension.
   *
   * @param extension which one
   * @return its value, empty when the event does not carry it
   */
  public Optional<String> extension(Extension extension) {
    return Optional.ofNullable(extensions.get(extension.attribute()));
  }

  /**
   * Any extension by its attribute name.
   *
   * @param name lower-case letters and digits
   * @return its value, empty when the event does not carry it
   */
  public Optional<String> extension(String name) {
    return Optional.ofNullable(extensions.get(name));
  }

  /**
   * All extension attributes, in the order in which they were set.
   *
   * @return an unmodifiable map from attribute name to value
   */
  public Map<String, String> extensions() {
    return extensions;
  }

  /**
   * All attributes by their names on the wire, context attributes first. Made anew at each call.
   *
   * @return an unmodifiable map from attribute name to its string form
   */
  @Override
  public Map<String, String> attributes() {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("specversion", "1.0");
    attributes.put("id", id);
    attributes.put("source", source);
    attributes.put("type", type);
    putIfPresent(attributes, "subject", subject);
    putIfPresent(attributes, "time", time);
    putIfPresent(attributes, "datacontenttype", dataContentType);
    putIfPresent(attributes, "dataschema", dataSchema);
    attributes.putAll(extensions);
    return Collections.unmodifiableMap(attributes);
  }

  /**
   * The event's own bytes, not a copy: they must not be changed.
   *
   * @return the data, or null when the event has none
   */
  @Override
  public byte @Nullable [] data() {
    return data;
  }

  /**
   * Decodes the data.
   *
   * @param codec knows the format of the data
   * @param as what to decode into
   * @param <T> what to decode into
   * @return the decoded data
   * @throws InvalidEventException when the event has no data
   * @throws dev.msk.core.CodecException when the bytes are not what the codec expects
   */
  public <T> T data(Codec codec, Class<T> as) {
    if (data == null) {
      throw new InvalidEventException("data", null, "bytes that decode to " + as.getSimpleName());
    }
    return codec.decode(data, as);
  }

  /** Equal when every attribute, every extension and the data are equal. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EventEnvelope that
        && id.equals(that.id)
        && source.equals(that.source)
        && type.equals(that.type)
        && Objects.equals(subject, that.subject)
        && Objects.equals(time, that.time)
        && Objects.equals(dataContentType, that.dataContentType)
        && Objects.equals(dataSchema, that.dataSchema)
        && extensions.equals(that.extensions)
        && java.util.Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * source.hashCode() + id.hashCode();
  }

  /** Source, id and type; never the data, which may be private. */
  @Override
  public String toString() {
    return type + " " + source + "#" + id;
  }

  EventEnvelope extended(Map<String, String> added) {
    if (added.isEmpty()) {
      return this;
    }
    Builder builder = toBuilder();
    added.forEach(builder::extension);
    return builder.build();
  }

  private static void putIfPresent(
      Map<String, String> attributes, String name, @Nullable String value) {
    if (value != null) {
      attributes.put(name, value);
    }
  }

  /** Builds an {@link EventEnvelope}. Confined to one thread; good for one event. */
  public static final class Builder {
    private final String id;
    private final String source;
    private final String type;
    private @Nullable String subject;
    private @Nullable String time;
    private @Nullable String dataContentType;
    private @Nullable String dataSchema;
    private byte @Nullable [] data;
    private final Map<String, String> extensions = new LinkedHashMap<>();

    private Builder(String id, String source, String type) {
      this.id = id;
      this.source = source;
      this.type = type;
    }

    /**
     * Sets what the event is about.
     *
     * @param subject not empty
     * @return this
     */
    public Builder subject(String subject) {
      this.subject = subject;
      return this;
    }

    /**
     * Sets when it happened.
     *
     * @param time RFC 3339, such as {@code 2026-11-23T10:15:30.123Z}
     * @return this
     */
    public Builder time(String time) {
      this.time = time;
      return this;
    }

    /**
     * Sets the data and its media type. The array is not copied and must not change afterwards.
     *
     * @param contentType a media type, such as {@code application/json}
     * @param data the bytes
     * @return this
     */
    public Builder data(String contentType, byte[] data) {
      this.dataContentType = contentType;
      this.data = data;
      return this;
    }

    /**
     * Sets the media type alone, for an event whose data is elsewhere or absent.
     *
     * @param contentType a media type
     * @return this
     */
    public Builder dataContentType(String contentType) {
      this.dataContentType = contentType;
      return this;
    }

    /**
     * Sets the data alone, of unstated media type. The array is not copied.
     *
     * @param data the bytes
     * @return this
     */
    public Builder data(byte[] data) {
      this.data = data;
      return this;
    }

    /**
     * Sets the schema of the data.
     *
     * @param schema an absolute URI
     * @return this
     */
    public Builder dataSchema(String schema) {
      this.dataSchema = schema;
      return this;
    }

    /**
     * Sets a documented extension.
     *
     * @param extension which one
     * @param value not empty
     * @return this
     */
    public Builder extension(Extension extension, String value) {
      return extension(extension.attribute(), value);
    }

    /**
     * Sets any extension.
     *
     * @param name lower-case letters and digits, at most 64, and none of the names that CloudEvents
     *     itself defines
     * @param value its canonical string form
     * @return this
     * @throws InvalidEventException when name or value are not legal
     */
    public Builder extension(String name, String value) {
      extensions.put(
          AttributeRules.requireExtensionName(name), AttributeRules.requireText(name, value));
      return this;
    }

    /**
     * Checks every attribute and makes the event.
     *
     * @return the event
     * @throws InvalidEventException naming the first attribute that is not legal
     */
    public EventEnvelope build() {
      return new EventEnvelope(this);
    }
  }
}
