package dev.msk.discovery.internal;

import dev.msk.discovery.Instance.State;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One instance's entry in a registry, as calls to it. They come one after another, never two at once. */
public interface RegistryEntry {

  /**
   * Puts it in, in place of what may be there under its id.
   *
   * @param state what it says of itself
   * @return completes when the registry has it
   */
  CompletionStage<@Nullable Void> enter(State state);

  /**
   * Renews its lease.
   *
   * @param state what it says of itself
   * @return completes with false when the registry does not have it any more
   */
  CompletionStage<Boolean> renew(State state);

  /**
   * Says that it wants no new calls.
   *
   * @return completes when the registry knows
   */
  CompletionStage<@Nullable Void> drain();

  /**
   * Takes it out.
   *
   * @return completes when the registry has answered
   */
  CompletionStage<@Nullable Void> leave();
}
