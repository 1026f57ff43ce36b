/**
 * Calls that survive bad days of the services they go to, and servers that survive theirs. Open {@link dev.msk.core.resilience.CallPolicy} first,
 * for what goes out; {@link dev.msk.core.resilience.LoadShedder} is for what comes in, {@link dev.msk.core.resilience.CallHeaders} for what travels
 * in between.
 */
package dev.msk.core.resilience;
