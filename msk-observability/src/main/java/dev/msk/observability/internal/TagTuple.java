package dev.msk.observability.internal;

import java.util.List;

/**
 * The tag values that something is reported under.
 *
 * @param values one for each key
 * @param beyond whether they stand for others, which were beyond the bounds
 */
record TagTuple(List<String> values, boolean beyond) {}
