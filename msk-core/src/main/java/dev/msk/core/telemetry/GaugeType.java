package dev.msk.core.telemetry;

import java.util.function.DoubleSupplier;

/** A registered gauge: something that is measured when somebody looks. Thread-safe. */
public interface GaugeType {

  /** A reading that is in use until it is closed. Thread-safe. */
  @FunctionalInterface
  interface Registration extends AutoCloseable {

    /** Takes the reading out of use and lets go of its supplier; a second call does nothing. */
    @Override
    void close();
  }

  /**
   * What it measures.
   *
   * @return the spec it was registered with
   */
  GaugeSpec spec();

  /**
   * Registers a reading. It is held strongly until it is closed. Of several with the same tag values, the last registered that
   * is still open is the one that counts.
   *
   * @param reading called when somebody looks, on any thread: it must be quick, and must not wait or ask a database
   * @param tagValues one for each tag key of the spec, in its order
   * @return the registration; close it with what it measures
   * @throws IllegalArgumentException if there are more or fewer values than keys
   */
  Registration register(DoubleSupplier reading, String... tagValues);
}
