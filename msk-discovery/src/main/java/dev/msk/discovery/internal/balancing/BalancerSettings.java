package dev.msk.discovery.internal.balancing;

import dev.msk.core.Ticker;
import dev.msk.discovery.OutlierEjection;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a balancer was built.
 *
 * @param algorithm chooses
 * @param panicThreshold below which share of healthy instances health is ignored
 * @param ejection whom to take out
 * @param slowStart how long a new instance warms up, zero if it need not
 * @param zone whose instances are preferred, null for none
 * @param subsetSize the most instances that are used
 * @param subsetSeed which ones
 * @param random chance
 * @param ticker time
 */
public record BalancerSettings(
    Algorithm algorithm,
    double panicThreshold,
    OutlierEjection ejection,
    Duration slowStart,
    @Nullable String zone,
    int subsetSize,
    long subsetSeed,
    RandomGenerator random,
    Ticker ticker) {}
