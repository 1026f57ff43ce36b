package dev.msk.discovery.internal;

import dev.msk.discovery.Instance.State;
import java.util.List;
import java.util.function.Function;

/**
 * Who of a list may take calls.
 *
 * @param members those that are up; all that are up or down in a panic; those that drain if there is no other
 * @param panic whether too few are up, so that nobody's health is believed
 * @param <T> what is chosen from
 */
public record Candidates<T>(List<T> members, boolean panic) {

  /**
   * Chooses.
   *
   * @param all that are known
   * @param state of one of them
   * @param panicThreshold below which share of healthy ones health is ignored
   * @param <T> what is chosen from
   * @return the candidates
   */
  public static <T> Candidates<T> of(List<T> all, Function<T, State> state, double panicThreshold) {
    List<T> up = all.stream().filter(one -> state.apply(one) == State.UP).toList();
    List<T> serving = all.stream()
        .filter(one -> state.apply(one) == State.UP || state.apply(one) == State.DOWN)
        .toList();
    if (serving.isEmpty()) {
      return new Candidates<>(
          all.stream().filter(one -> state.apply(one) == State.DRAINING).toList(), false);
    }
    boolean panic = up.size() < panicThreshold * serving.size();
    return new Candidates<>(panic ? serving : up, panic);
  }
}
