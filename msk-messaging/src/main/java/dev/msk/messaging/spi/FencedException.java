package dev.msk.messaging.spi;

import java.util.List;

/** A write was refused because a newer owner has taken the partition: stop, and move nothing any more. */
public final class FencedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<OwnedPartition> lost;

  /**
   * Makes the exception.
   *
   * @param lost the partitions that another owner holds now, with the epochs that no longer count
   */
  public FencedException(List<OwnedPartition> lost) {
    super("partitions taken over by a newer owner: " + lost);
    this.lost = List.copyOf(lost);
  }

  /**
   * What was lost.
   *
   * @return partitions with the epochs that no longer count
   */
  public List<OwnedPartition> lost() {
    return lost;
  }
}
