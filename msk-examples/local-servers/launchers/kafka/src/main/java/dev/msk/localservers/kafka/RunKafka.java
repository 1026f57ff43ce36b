package dev.msk.localservers.kafka;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/** Runs one Kafka node from the properties file named by the only argument. */
public final class RunKafka {
  private RunKafka() {}

  /**
   * Formats the data folder at the first start, then runs until SIGTERM.
   *
   * @param args the properties file, with {@code node.id} and one folder in {@code log.dirs}
   * @throws Exception if the node does not start
   */
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(Path.of(args[0]))) {
      properties.load(in);
    }
    try {
      run(properties);
    } catch (Throwable e) {
      // A failed start leaves threads that would keep the JVM.
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  private static void run(Properties properties) throws Exception {
    format(properties);
    KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "kafka-shutdown"));
    server.startup();
    server.awaitShutdown();
  }

  private static void format(Properties properties) throws Exception {
    Path data = Path.of(properties.getProperty("log.dirs"));
    if (Files.exists(data.resolve("meta.properties"))) {
      return;
    }
    String folder = data.toString();
    try (PrintStream silence = new PrintStream(OutputStream.nullOutputStream())) {
      new Formatter()
          .setPrintStream(silence)
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(Integer.parseInt(properties.getProperty("node.id")))
          .setControllerListenerName(properties.getProperty("controller.listener.names"))
          .setMetadataLogDirectory(folder)
          .addDirectory(folder)
          .setReleaseVersion(MetadataVersion.latestProduction())
          .run();
    }
  }
}
