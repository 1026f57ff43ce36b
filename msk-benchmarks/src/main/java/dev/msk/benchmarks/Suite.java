package dev.msk.benchmarks;

import java.util.List;

/**
 * Measures that belong together and have one results file.
 *
 * @param name of the suite and of the file
 * @param measures in the order in which they run
 */
public record Suite(String name, List<Measure> measures) {}
