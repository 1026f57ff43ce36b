/** What every MSK block shares: telemetry seam, call context, JDBC transactions and leases, codec, time. */
@org.jspecify.annotations.NullMarked
module dev.msk.core {
  requires static org.jspecify;
}
