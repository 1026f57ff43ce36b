/** What {@code msk-security} holds that ages: certificates and keys, as gauges and health checks. */
package dev.msk.observability.security;
