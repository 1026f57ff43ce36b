package dev.msk.benchmarks.messaging;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.json.JsonEventFormat;
import dev.msk.messaging.kafka.KafkaBinaryFormat;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.provider.EventFormatProvider;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * One event of {@link CodecEvent} in structured JSON and as a Kafka record in binary mode: ours, the CloudEvents SDK, and
 * code by hand for just this event. Run by {@code ./mvnw -Pbench -Dbench=messaging -Drows=codec}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class CodecBenchmark {

  private static final JsonEventFormat JSON = JsonEventFormat.of();

  private final EventEnvelope ours = CodecEvent.ours();
  private final CloudEvent sdk = CodecEvent.sdk();
  private final HandEvent hand = HandEvent.of(ours);
  private final byte[] json = HandJson.write(hand);
  private final ConsumerRecord<byte[], byte[]> record =
      CodecEvent.received(KafkaBinaryFormat.write("orders", ours));
  private final io.cloudevents.core.format.EventFormat sdkJson =
      EventFormatProvider.getInstance().resolveFormat(JsonFormat.CONTENT_TYPE);

  /** {@return what ours makes of it} */
  @Benchmark
  public byte[] structuredWriteOurs() {
    return JSON.write(ours);
  }

  /** {@return what the SDK makes of it} */
  @Benchmark
  public byte[] structuredWriteSdk() {
    return sdkJson.serialize(sdk);
  }

  /** {@return what code by hand makes of it} */
  @Benchmark
  public byte[] structuredWriteFloor() {
    return HandJson.write(hand);
  }

  /** {@return what ours makes of it} */
  @Benchmark
  public EventEnvelope structuredReadOurs() {
    return JSON.read(json);
  }

  /** {@return what the SDK makes of it} */
  @Benchmark
  public CloudEvent structuredReadSdk() {
    return sdkJson.deserialize(json);
  }

  /** {@return what code by hand makes of it} */
  @Benchmark
  public HandEvent structuredReadFloor() {
    return HandJson.read(json);
  }

  /** {@return what ours makes of it} */
  @Benchmark
  public ProducerRecord<byte[], byte[]> kafkaWriteOurs() {
    return KafkaBinaryFormat.write("orders", ours);
  }

  /** {@return what the SDK makes of it} */
  @Benchmark
  public ProducerRecord<String, byte[]> kafkaWriteSdk() {
    return KafkaMessageFactory.<String>createWriter("orders", "4711").writeBinary(sdk);
  }

  /** {@return what code by hand makes of it} */
  @Benchmark
  public ProducerRecord<byte[], byte[]> kafkaWriteFloor() {
    return HandKafka.write("orders", hand);
  }

  /** {@return what ours makes of it} */
  @Benchmark
  public EventEnvelope kafkaReadOurs() {
    return KafkaBinaryFormat.read(record);
  }

  /** {@return what the SDK makes of it} */
  @Benchmark
  public CloudEvent kafkaReadSdk() {
    return KafkaMessageFactory.createReader(record).toEvent();
  }

  /** {@return what code by hand makes of it} */
  @Benchmark
  public HandEvent kafkaReadFloor() {
    return HandKafka.read(record);
  }
}
