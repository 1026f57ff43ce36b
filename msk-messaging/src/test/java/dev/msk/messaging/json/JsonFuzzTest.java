package dev.msk.messaging.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.RandomEvents;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever bytes come: the same event as by Jackson, or an {@link InvalidEventException}. */
final class JsonFuzzTest {

  private static final long SEED = Long.getLong("msk.fuzz.seed", 20261123L);
  private static final int EVENTS = Integer.getInteger("msk.fuzz.events", 4000);
  private static final int MUTATIONS = 25;
  private static final byte[] TELLING =
      "{}[]\",:\\/u0019.eE+- \n\t\u0001\u007fntfalse".getBytes(UTF_8);

  private final JsonEventFormat format = JsonEventFormat.of();
  private int accepted;
  private int refused;

  @Test
  void writtenEvents_areReadAsTheyWere_byUsAndByJackson() {
    RandomEvents events = new RandomEvents(new SplittableRandom(SEED));
    for (int i = 0; i < EVENTS; i++) {
      EventEnvelope event = events.next();
      byte[] document = format.write(event);

      assertThat(format.read(document)).as(shown(document)).isEqualTo(event);
      assertThat(JacksonReference.read(document)).as(shown(document)).isEqualTo(event);
    }
  }

  @Test
  void mutations_areReadAsByJackson_orRefused() {
    SplittableRandom random = new SplittableRandom(SEED);
    RandomEvents events = new RandomEvents(random);
    for (int i = 0; i < EVENTS; i++) {
      byte[] document = format.write(events.next());
      for (int mutation = 0; mutation < MUTATIONS; mutation++) {
        check(mutated(document, random));
      }
    }
    assertThat(accepted).as("mutations that are events").isGreaterThan(EVENTS);
    assertThat(refused).as("mutations that are none").isGreaterThan(EVENTS);
  }

  @Test
  void everyTruncation_isRefused() {
    SplittableRandom random = new SplittableRandom(SEED);
    RandomEvents events = new RandomEvents(random);
    for (int i = 0; i < EVENTS / 40; i++) {
      byte[] document = format.write(events.next());
      for (int length = 0; length < document.length; length++) {
        assertThat(read(Arrays.copyOf(document, length))).isNull();
      }
    }
  }

  @Test
  void batches_areReadAsTheyWere_andTheirMutationsDoNotEscape() {
    SplittableRandom random = new SplittableRandom(SEED);
    RandomEvents events = new RandomEvents(random);
    for (int i = 0; i < EVENTS / 10; i++) {
      List<EventEnvelope> batch = new ArrayList<>();
      for (int n = random.nextInt(5); n > 0; n--) {
        batch.add(events.next());
      }
      byte[] document = format.writeBatch(batch);

      assertThat(format.readBatch(document)).isEqualTo(batch);
      try {
        format.readBatch(mutated(document, random));
      } catch (InvalidEventException expected) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  private void check(byte[] document) {
    EventEnvelope ours = read(document);
    if (ours == null) {
      refused++;
      return;
    }
    accepted++;
    assertThat(JacksonReference.read(document)).as(shown(document)).isEqualTo(ours);
  }

  private @Nullable EventEnvelope read(byte[] document) {
    try {
      return format.read(document);
    } catch (InvalidEventException expected) {
      return null;
    }
  }

  private static byte[] mutated(byte[] document, RandomGenerator random) {
    ByteArrayOutputStream mutated = new ByteArrayOutputStream();
    int at = random.nextInt(document.length);
    mutated.write(document, 0, at);
    byte telling = TELLING[random.nextInt(TELLING.length)];
    switch (random.nextInt(6)) {
      case 0 -> mutated.write(document, at + 1, document.length - at - 1);
      case 1 -> {
        mutated.write(telling);
        mutated.write(document, at, document.length - at);
      }
      case 2 -> {
        mutated.write(telling);
        mutated.write(document, at + 1, document.length - at - 1);
      }
      case 3 -> {
        mutated.write(random.nextInt(256));
        mutated.write(document, at + 1, document.length - at - 1);
      }
      case 4 -> {
        int again = random.nextInt(at + 1);
        mutated.write(document, again, document.length - again);
      }
      default -> mutated.write(document, at, document.length - at);
    }
    return mutated.toByteArray();
  }

  private static String shown(byte[] document) {
    return "seed " + SEED + ": " + new String(document, UTF_8);
  }
}
