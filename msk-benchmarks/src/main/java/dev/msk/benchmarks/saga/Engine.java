package dev.msk.benchmarks.saga;

import javax.sql.DataSource;

/** Takes sagas from their start to their end, always as many in flight. */
interface Engine {

  /** From the first start to the last end; the data source may count what passes. */
  double seconds(DataSource source, int sagas) throws Exception;
}
