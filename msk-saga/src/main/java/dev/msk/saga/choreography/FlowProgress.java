package dev.msk.saga.choreography;

import java.util.List;

/**
 * How far a watched flow has come: the state of a {@link Watch}.
 *
 * @param key of the flow
 * @param seen the types of the events that came, as they came
 * @param reached how many events of the flow came without a gap
 * @param moved whether the last event made {@code reached} grow
 * @param stopped whether an event did not come in time
 */
public record FlowProgress(
    String key, List<String> seen, int reached, boolean moved, boolean stopped) {

  /**
   * Copies the list.
   *
   * @param key of the flow
   * @param seen the types of the events that came
   * @param reached how many came without a gap
   * @param moved whether the last event made it grow
   * @param stopped whether an event did not come in time
   */
  public FlowProgress {
    seen = List.copyOf(seen);
  }
}
