package dev.msk.messaging.internal;

/** Spreads ordering keys over partitions, the same way in every process and release. */
public final class KeyPartitioner {

  private KeyPartitioner() {}

  /** String.hashCode, which the language specification fixes, finished as MurmurHash3 does. */
  public static int partition(String key, int partitions) {
    int hash = key.hashCode();
    hash = (hash ^ hash >>> 16) * 0x85ebca6b;
    hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
    return Math.floorMod(hash ^ hash >>> 16, partitions);
  }
}
