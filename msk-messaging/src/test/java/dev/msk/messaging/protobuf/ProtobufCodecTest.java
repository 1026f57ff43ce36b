package dev.msk.messaging.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.msk.core.CodecException;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import org.junit.jupiter.api.Test;

final class ProtobufCodecTest {

  private static final Struct ORDER = Struct.newBuilder()
      .putFields("id", Value.newBuilder().setStringValue("4711").build())
      .build();

  private final ProtobufCodec codec = ProtobufCodec.of();

  @Test
  void message_isEncodedAndDecoded() {
    assertThat(codec.decode(codec.encode(ORDER), Struct.class)).isEqualTo(ORDER);
    assertThat(codec.decode(new byte[0], StringValue.class)).isEqualTo(StringValue.of(""));
  }

  @Test
  void event_carriesIt() {
    EventEnvelope event = Events.of("/orders", codec).event("order.accepted", "4711", ORDER);

    assertThat(event.dataContentType()).contains("application/protobuf");
    assertThat(event.data(codec, Struct.class)).isEqualTo(ORDER);
  }

  @Test
  void whatIsNoMessage_isRefused() {
    assertThatThrownBy(() -> codec.encode("text"))
        .isInstanceOf(CodecException.class)
        .hasMessage("Could not encode java.lang.String as application/protobuf");
    assertThatThrownBy(() -> codec.decode(new byte[0], String.class))
        .isInstanceOf(CodecException.class);
    assertThatThrownBy(() -> codec.decode(new byte[] {(byte) 0xff}, Struct.class))
        .isInstanceOfSatisfying(
            CodecException.class,
            e -> assertThat(e.contentType()).isEqualTo("application/protobuf"));
  }
}
