package dev.msk.core.telemetry;

/**
 * Writes headers to a carrier.
 *
 * @param <C> the type of the carrier
 */
@FunctionalInterface
public interface HeaderSetter<C> {

  /**
   * Writes a header, in place of an earlier one of the same name.
   *
   * @param carrier holds the headers
   * @param name the header's name, in lower case
   * @param value its value
   */
  void set(C carrier, String name, String value);
}
