/**
 * For tests of whoever uses this module: time that is moved by hand, telemetry that records, connections that are counted,
 * README code that is compiled. Open {@link dev.msk.core.testing.ManualTime} first.
 */
package dev.msk.core.testing;
