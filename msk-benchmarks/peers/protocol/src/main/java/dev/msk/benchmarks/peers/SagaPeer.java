package dev.msk.benchmarks.peers;

/** Another library that takes sagas of three steps, each durable before the next, to their end. Called by one thread. */
public interface SagaPeer {

  /**
   * Who it is.
   *
   * @return name and version, then {@code "; "} and the settings
   */
  String name();

  /**
   * Begins anew: with empty tables, ready to run.
   *
   * @param jdbcUrl of a database of its own, with the user in it
   * @throws Exception whatever goes wrong
   */
  void open(String jdbcUrl) throws Exception;

  /**
   * Runs sagas, always as many in flight until none is left to start.
   *
   * @param sagas how many
   * @param inFlight how many at once
   * @return nanoseconds from the first start to the last end
   * @throws Exception whatever goes wrong
   */
  long run(int sagas, int inFlight) throws Exception;

  /**
   * Ends what was begun; the tables stay as they are.
   *
   * @throws Exception whatever goes wrong
   */
  void close() throws Exception;
}
