package dev.msk.messaging.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class KafkaHeaderTextTest {

  @Test
  void anyHeaders_comeBackAsTheyWere() {
    Headers headers = new RecordHeaders();
    headers.add("ce_id", "4711".getBytes(UTF_8));
    headers.add("bytes", new byte[] {(byte) 0xc3, 0x28, 0});
    headers.add("zero", new byte[] {'a', 0, 'b'});
    headers.add("missing", null);
    headers.add("empty", new byte[0]);
    headers.add("looks like one", "data:;base64,AAAA".getBytes(UTF_8));
    headers.add("twice", new byte[] {'1'});
    headers.add("twice", new byte[] {'2'});

    Map<String, String> texts = KafkaHeaderText.write(headers);

    assertThat(texts)
        .containsEntry("ce_id", "4711")
        .containsEntry("bytes", "data:;base64,wygA")
        .containsEntry("twice#2", "2");
    assertThat(KafkaHeaderText.read(texts).toArray()).isEqualTo(headers.toArray());
  }
}
