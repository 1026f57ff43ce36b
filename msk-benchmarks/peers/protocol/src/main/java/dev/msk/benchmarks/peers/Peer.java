package dev.msk.benchmarks.peers;

/** Another library on the way from a transaction to the broker. Called by one thread. */
public interface Peer {

  /**
   * Who it is.
   *
   * @return name and version, then {@code "; "} and the settings
   */
  String name();

  /**
   * Makes events that wait, and nothing that sends them.
   *
   * @param target where
   * @param events how many
   * @throws Exception whatever goes wrong
   */
  void backlog(Target target, int events) throws Exception;

  /**
   * Begins to send what {@link #backlog} made.
   *
   * @throws Exception whatever goes wrong
   */
  void start() throws Exception;

  /**
   * Begins to send what {@link #publish} will publish.
   *
   * @param target where
   * @throws Exception whatever goes wrong
   */
  void open(Target target) throws Exception;

  /**
   * Publishes events in one transaction.
   *
   * @param first running number of the first
   * @param count how many
   * @param committing to be called right before the commit
   * @throws Exception whatever goes wrong
   */
  void publish(int first, int count, Runnable committing) throws Exception;

  /**
   * Ends what was begun, and leaves nothing behind that would burden others.
   *
   * @throws Exception whatever goes wrong
   */
  void stop() throws Exception;

  /**
   * Where events come from and go to.
   *
   * @param jdbcUrl with the user in it
   * @param bootstrapServers of Kafka
   * @param topic that exists
   */
  record Target(String jdbcUrl, String bootstrapServers, String topic) {}
}
