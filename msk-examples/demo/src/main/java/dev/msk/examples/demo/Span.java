package dev.msk.examples.demo;

import java.util.Map;

/**
 * A span as an exporter sent it.
 *
 * @param trace its trace, in hex
 * @param id its own, in hex
 * @param parent its parent's, empty for the root
 * @param service the {@code service.name} of the process
 * @param name of the span
 * @param kind for instance {@code SERVER}
 * @param start in ns since 1970
 * @param end in ns since 1970
 * @param attributes by key
 */
public record Span(
    String trace,
    String id,
    String parent,
    String service,
    String name,
    String kind,
    long start,
    long end,
    Map<String, String> attributes) {}
