package dev.msk.core.telemetry;

import static java.util.Objects.requireNonNull;

import dev.msk.core.internal.SpecChecks;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * What a kind of operation is: its span's name and kind, and the name, buckets and tag keys of its duration.
 *
 * @param name lower-case words joined by dots, for example {@code outbox.publish}; the duration's metric is
 *     {@code <name>.duration}, in seconds
 * @param kind its place in a conversation
 * @param description a sentence for people
 * @param tagKeys the closed list of tag keys; {@code outcome} and {@code error.type} are added by the telemetry and reserved
 * @param buckets the upper bounds of the duration's histogram, in seconds, ascending
 */
public record OperationSpec(
    String name,
    OperationKind kind,
    String description,
    List<String> tagKeys,
    List<Double> buckets) {

  /** The buckets that OpenTelemetry's conventions give to HTTP, RPC and messaging, 5 ms to 10 s. */
  public static final List<Double> DEFAULT_BUCKETS =
      List.of(.005, .01, .025, .05, .075, .1, .25, .5, .75, 1., 2.5, 5., 7.5, 10.);

  /**
   * Checks the spec.
   *
   * @param name lower-case words joined by dots
   * @param kind its place in a conversation
   * @param description a sentence for people
   * @param tagKeys the closed list of tag keys
   * @param buckets seconds, ascending
   * @throws IllegalArgumentException if a name, a key or the buckets have another form
   */
  public OperationSpec {
    SpecChecks.name(name);
    requireNonNull(kind, "kind");
    requireNonNull(description, "description");
    tagKeys = SpecChecks.tagKeys(tagKeys);
    buckets = SpecChecks.buckets(buckets);
  }

  /**
   * Starts a spec without tags, with an empty description and {@link #DEFAULT_BUCKETS}.
   *
   * @param name lower-case words joined by dots
   * @param kind its place in a conversation
   * @return a builder
   */
  public static Builder builder(String name, OperationKind kind) {
    return new Builder(name, kind);
  }

  /** Collects the optional parts of a spec. Confined to one thread. */
  public static final class Builder {

    private final String name;
    private final OperationKind kind;
    private String description = "";
    private List<String> tagKeys = List.of();
    private List<Double> buckets = DEFAULT_BUCKETS;

    private Builder(String name, OperationKind kind) {
      this.name = name;
      this.kind = kind;
    }

    /**
     * Sets the sentence for people; empty by default.
     *
     * @param value a sentence
     * @return this
     */
    public Builder description(String value) {
      this.description = value;
      return this;
    }

    /**
     * Sets the tag keys; none by default.
     *
     * @param keys lower-case words joined by dots, no two alike
     * @return this
     */
    public Builder tags(String... keys) {
      this.tagKeys = List.of(keys);
      return this;
    }

    /**
     * Sets the upper bounds of the histogram; {@link OperationSpec#DEFAULT_BUCKETS} by default.
     *
     * @param seconds ascending, above zero
     * @return this
     */
    public Builder buckets(double... seconds) {
      this.buckets = DoubleStream.of(seconds).boxed().toList();
      return this;
    }

    /**
     * Builds the spec.
     *
     * @return the spec
     * @throws IllegalArgumentException if a name, a key or the buckets have another form
     */
    public OperationSpec build() {
      return new OperationSpec(name, kind, description, tagKeys, buckets);
    }
  }
}
