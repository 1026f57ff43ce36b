/** Log lines as ECS JSON for Logback: {@link dev.msk.observability.logback.EcsEncoder}. Needs logback-classic. */
package dev.msk.observability.logback;
