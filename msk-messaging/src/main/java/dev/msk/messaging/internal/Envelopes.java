package dev.msk.messaging.internal;

import dev.msk.messaging.EventEnvelope;
import java.lang.invoke.MethodHandles;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way from checked attributes to an event, and back, for formats that live in other packages. {@link
 * EventEnvelope} provides it, nobody else can.
 */
public abstract class Envelopes {

  private static @Nullable Envelopes provided;

  public static void provide(Envelopes envelopes) {
    provided = envelopes;
  }

  public static EventEnvelope of(Attributes attributes, byte @Nullable [] data) {
    return Provided.ENVELOPES.make(attributes, data);
  }

  public static Attributes attributes(EventEnvelope event) {
    return Provided.ENVELOPES.attributesOf(event);
  }

  protected abstract EventEnvelope make(Attributes attributes, byte @Nullable [] data);

  protected abstract Attributes attributesOf(EventEnvelope event);

  private static final class Provided {
    static final Envelopes ENVELOPES = load();

    private static Envelopes load() {
      try {
        MethodHandles.lookup().ensureInitialized(EventEnvelope.class);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
      return Objects.requireNonNull(provided, "provided");
    }
  }
}
