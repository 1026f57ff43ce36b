/**
 * What every block shares, without a dependency but SLF4J. Open {@link dev.msk.core.CallContext} first, then
 * {@link dev.msk.core.jdbc.Transactor} for the database and {@link dev.msk.core.telemetry.Telemetry} for what blocks report.
 */
package dev.msk.core;
