package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.PickContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who takes the calls to a service, until something changes: those who are preferred; if none of them will do, all who are healthy;
 * if none of those will, who is ejected.
 *
 * @param preferred the subset, in the zone
 * @param healthy all candidates
 * @param up whoever says that it is up, ejected or not
 * @param all everybody who is known
 * @param panic whether health is ignored
 * @param timed whether it also ends by time
 * @param until when it does
 */
record Lineup(
    Tier preferred,
    Tier healthy,
    Tier up,
    List<Endpoint> all,
    boolean panic,
    boolean timed,
    long until) {

  boolean isOver(long now) {
    return timed && now - until >= 0;
  }

  @Nullable
  Endpoint pick(PickContext context) {
    Endpoint picked = preferred.pick(context);
    return picked != null || context.isAny() ? picked : pickBeyond(context);
  }

  private @Nullable Endpoint pickBeyond(PickContext context) {
    Endpoint picked = healthy.pick(context);
    return picked == null ? up.pick(context) : picked;
  }
}
