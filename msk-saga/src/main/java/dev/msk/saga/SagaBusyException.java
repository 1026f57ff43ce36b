package dev.msk.saga;

import java.util.UUID;

/** Another saga has the target that the one to be started needs: {@link OnBusy#REFUSE}. Nothing was written. */
public final class SagaBusyException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What both need. */
  private final String target;

  /** Who has it. */
  private final UUID holder;

  /**
   * Creates one.
   *
   * @param message which saga needs what, and who has it
   * @param target what both need
   * @param holder the saga that has it
   */
  public SagaBusyException(String message, String target, UUID holder) {
    super(message);
    this.target = target;
    this.holder = holder;
  }

  /**
   * What both need.
   *
   * @return the target
   */
  public String target() {
    return target;
  }

  /**
   * Who has it.
   *
   * @return the id of a saga that has not ended
   */
  public UUID holder() {
    return holder;
  }
}
