package dev.msk.saga.choreography;

import java.util.List;

/**
 * A flow that stopped half way: an event did not come in time.
 *
 * @param flow the name of its {@link Watch}
 * @param key of the flow
 * @param seen the types of the events that came, as they came
 * @param missing the type of the event that did not come
 */
public record StoppedFlow(String flow, String key, List<String> seen, String missing) {

  /**
   * Copies the list.
   *
   * @param flow the name of its watch
   * @param key of the flow
   * @param seen the types of the events that came
   * @param missing the type of the event that did not come
   */
  public StoppedFlow {
    seen = List.copyOf(seen);
  }
}
