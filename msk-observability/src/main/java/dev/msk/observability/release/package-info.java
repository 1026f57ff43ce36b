/**
 * Whether a new version of a service does as well as the one that runs beside it, by the calls that both answer. Open {@link
 * dev.msk.observability.release.CanaryJudge} first.
 */
package dev.msk.observability.release;
