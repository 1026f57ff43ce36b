package dev.msk.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.event.EventInterceptor;
import dev.msk.messaging.json.JsonEventFormat;
import dev.msk.messaging.spi.SchemaCheck;
import dev.msk.messaging.testing.InMemoryPayloadStore;
import dev.msk.messaging.zstd.ZstdCompression;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What becomes of data on its way: compression, claim check, both; and who checks it before. */
final class EventStageTest {

  private static final Connection TX = UpcastersTest.noConnection();

  private final ZstdCompression zstd = ZstdCompression.builder().build();
  private final InMemoryPayloadStore store =
      InMemoryPayloadStore.of(InstantSource.fixed(Instant.parse("2026-11-23T10:15:30Z")));

  @Test
  void zstd_makesLargeDataSmall_andGivesItBack() {
    EventEnvelope event = event("text ".repeat(10_000).getBytes(UTF_8));

    EventEnvelope travelling = zstd.outgoing(TX, event);

    assertThat(bytes(travelling)).hasSizeLessThan(1000);
    assertThat(travelling.contentEncoding()).contains("zstd");
    assertThat(travelling.dataContentType()).contains("text/plain");
    assertThat(zstd.incoming(travelling)).isEqualTo(event);
  }

  @Test
  void zstd_leavesAlone_whatIsSmallOrRandomOrEncoded() {
    byte[] noise = new byte[20_000];
    new SplittableRandom(1).nextBytes(noise);
    EventEnvelope encoded = event(new byte[20_000]).toBuilder()
        .extension(Extension.CONTENT_ENCODING, "br")
        .build();

    for (EventEnvelope event : List.of(event(new byte[8 * 1024]), event(noise), encoded)) {
      assertThat(zstd.outgoing(TX, event)).isSameAs(event);
    }
  }

  @Test
  void zstd_survivesTheJsonFormat() {
    EventEnvelope event = event("text ".repeat(10_000).getBytes(UTF_8));

    EventEnvelope read =
        JsonEventFormat.of().read(JsonEventFormat.of().write(zstd.outgoing(TX, event)));

    assertThat(zstd.incoming(read)).isEqualTo(event);
  }

  @Test
  void zstd_refusesWhatItCannotInflate() {
    EventEnvelope travelling = zstd.outgoing(TX, event(new byte[50_000]));
    byte[] data = bytes(travelling);

    assertUninflatable(travelling, Arrays.copyOf(data, data.length - 1), "a whole zstd frame");
    assertUninflatable(travelling, Arrays.copyOf(data, 2), "a zstd frame that states its size");
    assertUninflatable(travelling, "plain".getBytes(UTF_8), "a zstd frame that states its size");
    assertUninflatable(travelling, new byte[0], "a zstd frame");
    assertThatThrownBy(
            () -> ZstdCompression.builder().maxInflatedBytes(49_999).build().incoming(travelling))
        .hasMessageStartingWith("data: 50000 bytes, inflated (expected: a zstd frame");
    EventEnvelope other =
        travelling.toBuilder().extension(Extension.CONTENT_ENCODING, "br").build();
    assertThatThrownBy(() -> zstd.incoming(other))
        .hasMessageStartingWith("contentencoding: br (expected: zstd)");
  }

  @Test
  void zstd_mutations_inflateOrAreRefused() {
    SplittableRandom random = new SplittableRandom(20261123);
    EventEnvelope travelling = zstd.outgoing(TX, event("some text ".repeat(2000).getBytes(UTF_8)));
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] data = bytes(travelling).clone();
      data[random.nextInt(data.length)] = (byte) random.nextInt(256);
      try {
        zstd.incoming(travelling.toBuilder().data(data).build());
      } catch (InvalidEventException expected) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(500);
  }

  @Test
  void zstdBuilder_namesEveryFault() {
    assertThatThrownBy(() -> ZstdCompression.builder()
            .aboveBytes(-1)
            .level(0)
            .maxInflatedBytes(0)
            .build())
        .hasMessage("aboveBytes: -1 (expected: >= 0); level: 0 (expected: 1 to 22);"
            + " maxInflatedBytes: 0 (expected: >= 1)");
  }

  @Test
  void claimCheck_keepsLargeData_andGivesItBack() {
    ClaimCheck claims = ClaimCheck.above(10, store);
    EventEnvelope event = event(new byte[11]);

    EventEnvelope travelling = claims.outgoing(TX, event);

    assertThat(travelling.data()).isNull();
    assertThat(travelling.dataRef()).isPresent();
    assertThat(bytes(claims.incoming(travelling))).isEqualTo(new byte[11]);
    EventEnvelope small = event(new byte[10]);
    assertThat(claims.outgoing(TX, small)).isSameAs(small);
    assertThat(claims.incoming(small)).isSameAs(small);
  }

  @Test
  void claimCheck_ofDataThatIsGone_isRefused_andStrangersAreLeftAlone() {
    ClaimCheck claims = ClaimCheck.above(10, store);
    EventEnvelope strange = event(null).toBuilder()
        .extension(Extension.DATA_REF, "https://attacker.example/x")
        .build();
    EventEnvelope gone =
        strange.toBuilder().extension(Extension.DATA_REF, "msk-memory:gone").build();

    assertThat(claims.incoming(strange)).isSameAs(strange);
    assertThatThrownBy(() -> claims.incoming(gone))
        .hasMessageStartingWith(
            "dataref: msk-memory:gone (expected: data that the store still has)");
    assertThatThrownBy(() -> ClaimCheck.above(-1, store)).hasMessage("bytes: -1 (expected: >= 0)");
  }

  @Test
  void stages_areUndoneInOppositeOrder() {
    EventStage both = EventStage.of(List.of(zstd, ClaimCheck.above(10, store)));
    EventEnvelope event = event("text ".repeat(10_000).getBytes(UTF_8));

    EventEnvelope travelling = both.outgoing(TX, event);

    assertThat(travelling.data()).isNull();
    assertThat(both.incoming(travelling))
        .isEqualTo(event.toBuilder()
            .extension(Extension.DATA_REF, travelling.dataRef().orElseThrow())
            .build());
    assertThat(EventStage.of(List.of()).outgoing(TX, event)).isSameAs(event);
    assertThat(store.purge(Duration.ZERO, 9)).as("as old as now").isZero();
  }

  @Test
  void schemaCheck_refusesToPublish_sayingWhatIsWrong() {
    SchemaCheck check = (type, schema, data) -> "urn:order:1".equals(schema) && data == null
        ? Optional.of("total: missing")
        : Optional.empty();
    EventInterceptor atPublish = check.atPublish();
    EventEnvelope wrong = EventEnvelope.builder("1", "/s", "order.accepted")
        .dataSchema("urn:order:1")
        .build();

    assertThat(atPublish.onPublish("orders", event(new byte[1]))).isEmpty();
    assertThatThrownBy(() -> atPublish.onPublish("orders", wrong))
        .isInstanceOf(EventInterceptor.EventRefusedException.class)
        .hasMessage("order.accepted does not follow its schema: total: missing");
  }

  private void assertUninflatable(EventEnvelope travelling, byte[] data, String expected) {
    assertThatThrownBy(() -> zstd.incoming(travelling.toBuilder().data(data).build()))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining(expected);
  }

  private static EventEnvelope event(byte @org.jspecify.annotations.Nullable [] data) {
    EventEnvelope.Builder event =
        EventEnvelope.builder("1", "/s", "t").dataContentType("text/plain");
    return data == null ? event.build() : event.data(data).build();
  }

  private static byte[] bytes(EventEnvelope event) {
    byte[] data = event.data();
    return data == null ? new byte[0] : data;
  }
}
