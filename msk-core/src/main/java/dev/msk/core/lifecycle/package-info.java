/**
 * The life of a process: its parts started in order, taken out of traffic, drained and stopped in reverse within bounds. Open
 * {@link dev.msk.core.lifecycle.Lifecycle} first, then {@link dev.msk.core.lifecycle.Part}.
 */
package dev.msk.core.lifecycle;
