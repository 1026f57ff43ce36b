package dev.msk.benchmarks;

import java.util.List;

/** Something that is measured; it comes to one row or to several that are measured together. */
public interface Measure {

  /**
   * What people call it, and how its rows begin.
   *
   * @return such as {@code relay-drain}
   */
  String name();

  /**
   * Measures.
   *
   * @param bench settings and servers
   * @return the rows; one that could not be measured says why
   * @throws Exception to become a row that was not measured
   */
  List<Row> run(Bench bench) throws Exception;
}
