package dev.msk.examples.inventory;

import dev.msk.examples.contracts.inventory.Reason;
import java.util.Map;
import java.util.Optional;

/**
 * The life of an order's reservation, as a table: what each call makes of each state. {@code
 * docs/states.md} is drawn from it.
 */
enum ReservationState {

  /** Nothing is known of the order. Not in the database: there is no line then. */
  NONE,
  /** The pieces are kept for the order. */
  RESERVED,
  /** The pieces were given back, or the release came first and there never were any. The end. */
  RELEASED,
  /** The pieces are the customer's. The end. */
  SOLD;

  /** What is asked for. */
  enum Call {
    RESERVE,
    RELEASE,
    COMMIT
  }

  private static final Map<ReservationState, Map<Call, ReservationState>> NEXT = Map.of(
      NONE, Map.of(Call.RESERVE, RESERVED, Call.RELEASE, RELEASED),
      RESERVED, Map.of(Call.RESERVE, RESERVED, Call.RELEASE, RELEASED, Call.COMMIT, SOLD),
      RELEASED, Map.of(Call.RELEASE, RELEASED),
      SOLD, Map.of(Call.RESERVE, SOLD, Call.COMMIT, SOLD));

  private static final Map<ReservationState, Map<Call, Reason>> REFUSED = Map.of(
      NONE, Map.of(Call.COMMIT, Reason.NOT_RESERVED),
      RESERVED, Map.of(),
      RELEASED,
          Map.of(Call.RESERVE, Reason.OVERTAKEN_BY_RELEASE, Call.COMMIT, Reason.ALREADY_RELEASED),
      SOLD, Map.of(Call.RELEASE, Reason.ALREADY_SOLD));

  /**
   * What a call leads to.
   *
   * @return this very state when the call came before and has had its effect; empty when it is refused
   */
  Optional<ReservationState> after(Call call) {
    return Optional.ofNullable(NEXT.get(this).get(call));
  }

  /** Why a call is refused that leads to nothing. */
  Reason refusal(Call call) {
    return REFUSED.get(this).get(call);
  }

  /** The table as a picture, for Mermaid. */
  static String diagram() {
    StringBuilder lines = new StringBuilder("stateDiagram-v2\n");
    for (ReservationState state : values()) {
      for (Call call : Call.values()) {
        state
            .after(call)
            .ifPresent(next -> lines
                .append("  ")
                .append(state == NONE ? "[*]" : state)
                .append(" --> ")
                .append(next)
                .append(" : ")
                .append(call)
                .append(next == state ? ", again" : "")
                .append('\n'));
      }
    }
    return lines.append("  RELEASED --> [*]\n  SOLD --> [*]\n").toString();
  }
}
