/**
 * Rules for Prometheus: what MSK's blocks should wake somebody for, and the form that rules of any kind are written in. Open {@link
 * dev.msk.observability.rules.BlockAlerts} first.
 */
package dev.msk.observability.rules;
