package dev.msk.benchmarks;

import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import org.jspecify.annotations.Nullable;

/** Settings of a run, and servers that are started when the first measure asks. Confined to one thread. */
public final class Bench implements AutoCloseable {

  private final boolean quick;
  private final long started = System.nanoTime();
  private @Nullable PostgresServer postgres;
  private @Nullable KafkaServer kafka;

  Bench(boolean quick) {
    this.quick = quick;
  }

  /**
   * Chooses by the length of the run.
   *
   * @param full of a full run
   * @param quick of a quick one
   * @return one of them
   */
  public int choose(int full, int quick) {
    return this.quick ? quick : full;
  }

  /**
   * PostgreSQL that writes as in production: fsync, full pages, synchronous commit.
   *
   * @return started
   */
  public PostgresServer postgres() {
    PostgresServer server = postgres;
    if (server == null) {
      server = PostgresServer.builder()
          .name("bench-postgres")
          .setting("fsync", "on")
          .setting("full_page_writes", "on")
          .setting("synchronous_commit", "on")
          .setting("shared_buffers", "1GB")
          .setting("max_wal_size", "8GB")
          .setting("checkpoint_timeout", "30min")
          .setting("max_replication_slots", "10")
          .start();
      postgres = server;
    }
    return server;
  }

  /**
   * Kafka, one node, as it comes, but for the time of a record, which is that of its append.
   *
   * @return started
   */
  public KafkaServer kafka() {
    KafkaServer server = kafka;
    if (server == null) {
      server = KafkaServer.builder()
          .name("bench-kafka")
          .jvmArgs("-Xms1g", "-Xmx1g")
          .setting("log.message.timestamp.type", "LogAppendTime")
          // Kafka's own defaults: a broker that has to wait for a processor is not dead.
          .setting("broker.session.timeout.ms", "9000")
          .setting("broker.heartbeat.interval.ms", "2000")
          // What a round has forgotten leaves the disk soon.
          .setting("log.retention.check.interval.ms", "60000")
          .start();
      kafka = server;
    }
    return server;
  }

  /**
   * Tells people what is going on.
   *
   * @param line goes to standard output with the seconds since the start
   */
  public void say(String line) {
    System.out.printf("%7.1f s  %s%n", (System.nanoTime() - started) / 1e9, line);
  }

  /** Stops what was started. */
  @Override
  public void close() {
    try (AutoCloseable first = kafka;
        AutoCloseable second = postgres) {
      kafka = null;
      postgres = null;
    } catch (Exception e) {
      say("stopping the servers: " + e);
    }
  }
}
