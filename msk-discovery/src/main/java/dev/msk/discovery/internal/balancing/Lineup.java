package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.PickContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who takes the calls to a service, until something changes: those who are preferred; if none of them will do, all who are healthy;
 * if none of those will, who is ejected. A pick that wants nothing special finds its picker here, without a step in between.
 *
 * @param picker chooses among those who are preferred; null if there is nobody
 * @param preferred the subset, in the zone
 * @param healthy all candidates
 * @param up whoever says that it is up, ejected or not
 * @param all everybody who is known
 * @param panic whether health is ignored
 * @param timed whether it also ends by time
 * @param until when it does
 */
record Lineup(
    @Nullable Picker picker,
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
    if (context == PickContext.any()) {
      return picker == null ? null : picker.pickAny();
    }
    if (context.isAny()) {
      return picker == null ? null : picker.pick(context);
    }
    Endpoint picked = preferred.pick(context);
    return picked == null ? pickBeyond(context) : picked;
  }

  private @Nullable Endpoint pickBeyond(PickContext context) {
    Endpoint picked = healthy.pick(context);
    return picked == null ? up.pick(context) : picked;
  }
}
