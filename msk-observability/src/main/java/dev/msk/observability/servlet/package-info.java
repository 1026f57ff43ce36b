/** Metrics and probes as a servlet: {@link dev.msk.observability.servlet.ServletEndpoints}. Needs {@code jakarta.servlet:jakarta.servlet-api}. */
package dev.msk.observability.servlet;
