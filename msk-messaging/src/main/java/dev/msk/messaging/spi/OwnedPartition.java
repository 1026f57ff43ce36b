package dev.msk.messaging.spi;

/**
 * A partition and the epoch under which its lease is held.
 *
 * @param partition from 0
 * @param epoch grows each time the lease changes hands
 */
public record OwnedPartition(int partition, long epoch) {}
