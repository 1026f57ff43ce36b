package dev.msk.messaging;

import dev.msk.core.Codec;
import dev.msk.core.event.EventView;
import dev.msk.messaging.internal.AttributeCollector;
import dev.msk.messaging.internal.AttributeNames;
import dev.msk.messaging.internal.Attributes;
import dev.msk.messaging.internal.Envelopes;
import dev.msk.messaging.internal.PairMap;
import dev.msk.messaging.internal.Timestamps;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An immutable event: the context attributes of CloudEvents 1.0, its extensions, and its data as bytes.
 *
 * <p>Two events with the same {@link #source() source} and {@link #id() id} are the same event,
 * however often they are delivered: that pair is what an {@link Inbox} remembers. A {@link #type()
 * type} is a name of the domain, such as {@code order.accepted}, never a Java class.
 *
 * <p>Attributes are kept as the strings that CloudEvents defines and are checked when they are set, so
 * an event that exists is legal. {@link #time()} is parsed when it is asked for.
 *
 * <p><b>Whose array.</b> The data is not copied, neither on the way in nor on the way out: whoever gives
 * bytes to an event gives them away, whoever gets them from it only reads.
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
public final class EventEnvelope implements EventView, DocumentedExtensions {

  static {
    Envelopes.provide(new Envelopes() {
      @Override
      protected EventEnvelope make(Attributes attributes, byte @Nullable [] data) {
        return new EventEnvelope(attributes, data);
      }

      @Override
      protected Attributes attributesOf(EventEnvelope event) {
        return event.attributes;
      }
    });
  }

  private final Attributes attributes;
  private final byte @Nullable [] data;

  private EventEnvelope(Attributes attributes, byte @Nullable [] data) {
    this.attributes = attributes;
    this.data = data;
  }

  /**
   * Starts an event from the three attributes that every event must have.
   *
   * @param id unique within the source, not empty
   * @param source a URI-reference that names the producer, such as {@code /orders}
   * @param type the kind of occurrence, a name of the domain, such as {@code order.accepted}
   * @return a builder without data or further attributes
   * @throws InvalidEventException when one of them is not legal
   */
  public static Builder builder(String id, String source, String type) {
    Builder builder = new Builder(new AttributeCollector(), null);
    builder.collected.put(AttributeNames.ID, id);
    builder.collected.put(AttributeNames.SOURCE, source);
    builder.collected.put(AttributeNames.TYPE, type);
    return builder;
  }

  /**
   * Starts a changed copy. The copy shares the data.
   *
   * @return a builder that holds everything of this event
   */
  public Builder toBuilder() {
    return new Builder(attributes.change(), data);
  }

  /**
   * The identifier, unique within {@link #source()}.
   *
   * @return the attribute {@code id}
   */
  public String id() {
    return attributes.required(AttributeNames.ID);
  }

  /**
   * The producer of the event.
   *
   * @return the attribute {@code source}, a URI-reference
   */
  public String source() {
    return attributes.required(AttributeNames.SOURCE);
  }

  /**
   * The kind of occurrence.
   *
   * @return the attribute {@code type}
   */
  public String type() {
    return attributes.required(AttributeNames.TYPE);
  }

  /**
   * What the event is about, within its source.
   *
   * @return the attribute {@code subject}
   */
  public Optional<String> subject() {
    return Optional.ofNullable(attributes.context(AttributeNames.SUBJECT));
  }

  /**
   * When it happened. Parsed at each call.
   *
   * @return the attribute {@code time}
   */
  public Optional<OffsetDateTime> time() {
    return timeText().map(Timestamps::parse);
  }

  /**
   * When it happened, as it stands in the event.
   *
   * @return the attribute {@code time}, RFC 3339
   */
  public Optional<String> timeText() {
    return Optional.ofNullable(attributes.context(AttributeNames.TIME));
  }

  /**
   * The media type of the data.
   *
   * @return the attribute {@code datacontenttype}
   */
  public Optional<String> dataContentType() {
    return Optional.ofNullable(attributes.context(AttributeNames.DATA_CONTENT_TYPE));
  }

  /**
   * The schema that the data follows.
   *
   * @return the attribute {@code dataschema}, a URI
   */
  public Optional<String> dataSchema() {
    return Optional.ofNullable(attributes.context(AttributeNames.DATA_SCHEMA));
  }

  /**
   * The key within which order is kept: the extension {@code partitionkey}, else the subject, else
   * the id (an event without either is ordered against nothing).
   *
   * @return never empty
   */
  public String orderingKey() {
    String key = attributes.extension(Extension.PARTITION_KEY.attribute());
    if (key == null) {
      key = attributes.context(AttributeNames.SUBJECT);
    }
    return key != null ? key : id();
  }

  @Override
  public Optional<String> extension(Extension extension) {
    return extension(extension.attribute());
  }

  /**
   * Any extension by its attribute name.
   *
   * @param name lower-case letters and digits
   * @return its value, empty when the event does not carry it
   */
  public Optional<String> extension(String name) {
    return Optional.ofNullable(attributes.extension(name));
  }

  /**
   * All extension attributes, in the order in which they were set.
   *
   * @return an unmodifiable map from attribute name to value
   */
  public Map<String, String> extensions() {
    return new PairMap(attributes.extensions());
  }

  /**
   * All attributes by their names on the wire, context attributes first. Made anew at each call.
   *
   * @return an unmodifiable map from attribute name to its string form
   */
  @Override
  public Map<String, String> attributes() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put(AttributeNames.name(AttributeNames.SPEC_VERSION), "1.0");
    for (int number = 0; number < AttributeNames.CONTEXT; number++) {
      String value = attributes.context(number);
      if (value != null) {
        all.put(AttributeNames.name(number), value);
      }
    }
    all.putAll(extensions());
    return Collections.unmodifiableMap(all);
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
        && attributes.sameAs(that.attributes)
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * source().hashCode() + id().hashCode();
  }

  /** Source, id and type; never the data, which may be private. */
  @Override
  public String toString() {
    return type() + " " + source() + "#" + id();
  }

  EventEnvelope extended(Map<String, String> added) {
    if (added.isEmpty()) {
      return this;
    }
    Builder builder = toBuilder();
    added.forEach(builder::extension);
    return builder.build();
  }

  /**
   * Builds an {@link EventEnvelope}; each setter refuses what is not legal by an {@link
   * InvalidEventException} that names the attribute. Confined to one thread; good for one event.
   */
  public static final class Builder {
    private final AttributeCollector collected;
    private byte @Nullable [] data;

    private Builder(AttributeCollector collected, byte @Nullable [] data) {
      this.collected = collected;
      this.data = data;
    }

    /**
     * Sets what the event is about.
     *
     * @param subject not empty
     * @return this
     */
    public Builder subject(String subject) {
      collected.put(AttributeNames.SUBJECT, subject);
      return this;
    }

    /**
     * Sets when it happened.
     *
     * @param time RFC 3339, such as {@code 2026-11-23T10:15:30.123Z}
     * @return this
     */
    public Builder time(String time) {
      collected.put(AttributeNames.TIME, time);
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
      collected.put(AttributeNames.DATA_CONTENT_TYPE, contentType);
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
      collected.put(AttributeNames.DATA_CONTENT_TYPE, contentType);
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
      collected.put(AttributeNames.DATA_SCHEMA, schema);
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
      collected.putExtension(name, value);
      return this;
    }

    /**
     * Takes an extension away, if it is there.
     *
     * @param extension which one
     * @return this
     */
    public Builder without(Extension extension) {
      collected.removeExtension(extension.attribute());
      return this;
    }

    /**
     * Takes the data away; its media type stays.
     *
     * @return this
     */
    public Builder withoutData() {
      this.data = null;
      return this;
    }

    /**
     * Makes the event.
     *
     * @return the event
     * @throws IllegalStateException when this builder has made one already
     */
    public EventEnvelope build() {
      return new EventEnvelope(collected.finish(), data);
    }
  }
}
