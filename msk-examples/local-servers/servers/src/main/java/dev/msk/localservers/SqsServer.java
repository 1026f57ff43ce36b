package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * ElasticMQ 1.7.1, which speaks Amazon SQS, in a JVM of its own: standard and FIFO queues, dead-letter queues, batches, long polling,
 * and SQS's limits.
 *
 * <p>Clients need {@link #endpoint()}, {@link #region()} and any credentials, which nobody checks. Queues and messages are in memory: after
 * {@link #kill()} and {@link #restart()} there are none, not even empty ones. {@link #pause()} is an outage that they survive. A start
 * takes about 2 s. Thread-safe.
 *
 * <p>Where SQS is another:
 *
 * <ul>
 *   <li>The sequence number of a FIFO message is a small number of this process, which begins with 0 and counts all queues; SQS's has 20
 *       digits.
 *   <li>A receipt handle deletes its FIFO message also when its visibility timeout is over, until somebody else has received it; SQS refuses
 *       that.
 *   <li>Nothing is throttled: there is no {@code OverLimit} at 120,000 messages in flight, no limit of requests a second, and never a reason to
 *       come again later.
 *   <li>A standard queue is never out of order and delivers nothing twice by itself, so that nobody learns here that SQS may.
 *   <li>Nothing expires: {@code MessageRetentionPeriod} does nothing.
 *   <li>Signatures, policies and encryption are taken and do nothing.
 * </ul>
 *
 * <p>As SQS has it are the window of five minutes in which a deduplication id is remembered, also of deleted messages; that a group gives out
 * nothing while one of its messages is in flight; visibility timeouts and their change; and that a message goes to the dead-letter queue
 * instead of being received once more than {@code maxReceiveCount} says.
 */
public final class SqsServer extends AbstractServer {
  private static final String LAUNCHER = "local-servers-sqs";
  private static final String MAIN = "dev.msk.localservers.sqs.RunSqs";
  private static final Map<String, String> FORM =
      Map.of("Content-Type", "application/x-www-form-urlencoded");
  private static final Pattern URL = Pattern.compile("<QueueUrl>([^<]+)</QueueUrl>");

  private SqsServer(ChildProcess process, TemporaryFolder folder, int port) {
    super(process, folder, port);
  }

  /**
   * Starts one with the defaults.
   *
   * @return ready for clients
   * @throws LocalServerException if it did not start; the message names the log
   */
  public static SqsServer start() {
    return builder().start();
  }

  /**
   * A builder with the defaults.
   *
   * @return to change them
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * What clients override their endpoint with.
   *
   * @return {@code http://127.0.0.1:port}
   */
  public URI endpoint() {
    return endpoint(port());
  }

  /**
   * The region in the ARNs of its queues; clients may say any.
   *
   * @return {@code elasticmq}
   */
  public String region() {
    return "elasticmq";
  }

  /**
   * Creates a queue, or finds the one with these attributes.
   *
   * @param name of the queue; a FIFO queue if it ends with {@code .fifo}
   * @param attributes others than {@code FifoQueue}, for instance {@code VisibilityTimeout} in seconds
   * @return its URL
   * @throws LocalServerException if there is one with other attributes, for instance
   */
  public String createQueue(String name, Map<String, String> attributes) {
    requireNonNull(name, "name");
    Map<String, String> all = new LinkedHashMap<>(attributes);
    if (name.endsWith(".fifo")) {
      all.put("FifoQueue", "true");
    }
    StringBuilder form =
        new StringBuilder("Action=CreateQueue&Version=2012-11-05&QueueName=").append(encoded(name));
    int number = 1;
    for (Map.Entry<String, String> attribute : all.entrySet()) {
      String prefix = "&Attribute." + number++;
      form.append(prefix).append(".Name=").append(encoded(attribute.getKey()));
      form.append(prefix).append(".Value=").append(encoded(attribute.getValue()));
    }
    try {
      Matcher url = URL.matcher(new HttpCall("POST", endpoint(), FORM, form.toString()).answer());
      if (!url.find()) {
        throw new IOException("no URL in the answer");
      }
      return url.group(1);
    } catch (IOException e) {
      throw failed("queue " + name, e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static URI endpoint(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private List<String> jvmArguments =
        List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private String name = "sqs";
    private int port;

    private Builder() {}

    /**
     * Arguments of its JVM, instead of 256 MB, the serial collector and C1 alone.
     *
     * @param args for instance {@code -Xmx1g}
     * @return this
     */
    public Builder jvmArgs(String... args) {
      jvmArguments = List.of(args);
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code sqs} by default.
     *
     * @param word of letters, digits and hyphens
     * @return this
     */
    public Builder name(String word) {
      name = requireNonNull(word, "word");
      return this;
    }

    /**
     * The port; a random one by default.
     *
     * @param number 1 to 65535
     * @return this
     */
    public Builder port(int number) {
      port = number;
      return this;
    }

    /**
     * Starts it.
     *
     * @return ready for clients
     * @throws PortTakenException if the port that was said is taken
     * @throws LocalServerException if it did not start; the message names the log
     */
    public SqsServer start() {
      return ServerStart.of(name, port, this::start);
    }

    private SqsServer start(int number, TemporaryFolder folder, Log log) {
      // The line says that this very process has the port, the probe that it answers.
      ChildProcess process = ChildProcess.builder(name)
          .main(MAIN, String.valueOf(number))
          .jvmArgs(jvmArguments.toArray(String[]::new))
          .classPath(ClassPath.ofLauncher(LAUNCHER))
          .folder(folder)
          .logTo(log)
          .startTimeout(Duration.ofSeconds(60))
          .readyWhenLog(line -> line.equals("listening on " + number))
          .readyWhenHttp(URI.create(endpoint(number) + "/health"))
          .start();
      return new SqsServer(process, folder, number);
    }
  }
}
