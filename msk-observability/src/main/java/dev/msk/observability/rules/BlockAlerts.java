package dev.msk.observability.rules;

import static dev.msk.observability.rules.Severity.PAGE;
import static dev.msk.observability.rules.Severity.TICKET;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a service built from MSK's blocks alerts on out of the box: events that nobody sends, sagas that wait for an operator,
 * services without instances, breakers that stay open, and attacks. Thresholds are those that hurt in most systems; one that does not
 * fit yours is a line in the file that {@link RuleFile} writes.
 *
 * <pre>{@code
 * Files.writeString(Path.of("msk-alerts.yml"), RuleFile.of(BlockAlerts.groups("https://runbooks.example.org/")).toYaml());
 * }</pre>
 *
 * <p>An alert's annotation {@code runbook_url} is the base that is given here, and the alert's name with {@code .md}: the pages in
 * {@code docs/runbooks} of this module, to be copied to where your people look. Objectives of your own are alerted on by {@link
 * dev.msk.observability.slo.SloRules}.
 *
 * <p>None of them alerts without traffic, or because a counter began again with a restart.
 */
public final class BlockAlerts {

  private BlockAlerts() {}

  /**
   * All of them.
   *
   * @param runbooks base of the pages' URLs, with its last slash
   * @return a group for each block
   */
  public static List<RuleGroup> groups(String runbooks) {
    return Stream.of(
            messaging(), sagas(), discovery(), calls(), SecurityAlerts.group(), telemetry())
        .map(group -> withPages(group, runbooks))
        .toList();
  }

  private static RuleGroup withPages(RuleGroup group, String runbooks) {
    return new RuleGroup(
        group.name(),
        group
            .alerts()
            .<Rule>map(alert -> alert.runbook(runbooks + alert.alert() + ".md"))
            .toList());
  }

  private static RuleGroup messaging() {
    return RuleGroup.of(
        "msk-messaging",
        AlertingRule.of(
                "MskOutboxStalled", PAGE, "max by (outbox) (msk_outbox_oldest_age_seconds) > 60")
            .holdFor(Duration.ofMinutes(2))
            .summary("Events of outbox {{ $labels.outbox }} are not sent")
            .description("The oldest event waits for {{ $value | humanizeDuration }}."),
        AlertingRule.of(
                "MskOutboxBacklogHigh", TICKET, "max by (outbox) (msk_outbox_backlog) > 10000")
            .holdFor(Duration.ofMinutes(10))
            .summary("Outbox {{ $labels.outbox }} fills faster than it is sent")
            .description("{{ $value | humanize }} events wait."),
        AlertingRule.of(
                "MskRelayFailing",
                TICKET,
                "sum by (outbox) (increase(msk_outbox_relay_failures_total[10m])) > 3")
            .summary("The relay of outbox {{ $labels.outbox }} fails again and again")
            .description("{{ $value | humanize }} sessions ended by an error within ten minutes."),
        AlertingRule.of(
                "MskMessagesParked",
                TICKET,
                "sum by (consumer) (increase(msk_consumer_messages_total{disposition=\"parked\"}[15m])) > 0")
            .summary("Consumer {{ $labels.consumer }} parks messages")
            .description("{{ $value | humanize }} messages wait to be looked at and replayed."),
        AlertingRule.of(
                "MskConsumerFailing",
                PAGE,
                "sum by (consumer) (rate(msk_consumer_messages_total{disposition=\"failed\"}[5m])) > 0.5 * sum by (consumer) (rate(msk_consumer_messages_total[5m]))")
            .holdFor(Duration.ofMinutes(5))
            .summary("Consumer {{ $labels.consumer }} fails at more messages than it handles")
            .description("{{ $value | humanize }} attempts a second fail."));
  }

  private static RuleGroup sagas() {
    return RuleGroup.of(
        "msk-sagas",
        AlertingRule.of("MskSagaStuck", TICKET, "max by (job) (msk_saga_stuck) > 0")
            .holdFor(Duration.ofMinutes(1))
            .summary("Sagas of {{ $labels.job }} wait for an operator")
            .description("{{ $value }} sagas can go neither forward nor back by themselves."),
        AlertingRule.of(
                "MskSagaCompensationsHigh",
                TICKET,
                "sum by (saga) (rate(msk_saga_transitions_total{transition=\"FINISH_BACK\"}[30m])) > 0.2 * sum by (saga) (rate(msk_saga_transitions_total{transition=~\"FINISH_BACK|COMPLETE\"}[30m]))")
            .holdFor(Duration.ofMinutes(10))
            .summary("More than a fifth of the sagas {{ $labels.saga }} are undone")
            .description("{{ $value | humanize }} sagas a second end compensated."));
  }

  private static RuleGroup discovery() {
    return RuleGroup.of(
        "msk-discovery",
        AlertingRule.of(
                "MskDiscoveryStale",
                TICKET,
                "max by (job, service) (discovery_snapshot_age_seconds) > 300")
            .holdFor(Duration.ofMinutes(1))
            .summary("{{ $labels.job }} has an old list of {{ $labels.service }}")
            .description("The registry has confirmed it {{ $value | humanizeDuration }} ago."),
        AlertingRule.of(
                "MskNoInstances",
                PAGE,
                "sum by (job, service) (discovery_balancer_instances{state=\"up\"}) == 0")
            .holdFor(Duration.ofMinutes(1))
            .summary("{{ $labels.job }} finds nobody of {{ $labels.service }}")
            .description("No instance is up; calls fail, or go to whoever is left."),
        AlertingRule.of(
                "MskBalancerPanic",
                PAGE,
                "max by (job, service) (discovery_balancer_panic_ratio) == 1")
            .holdFor(Duration.ofMinutes(1))
            .summary("{{ $labels.job }} ignores the health of {{ $labels.service }}")
            .description("So few instances are healthy that calls go to all of them."),
        AlertingRule.of(
                "MskEjectionsHigh",
                TICKET,
                "sum by (job, service) (increase(discovery_balancer_ejections_total[10m])) > 5")
            .summary(
                "{{ $labels.job }} takes instances of {{ $labels.service }} out again and again")
            .description("{{ $value | humanize }} ejections within ten minutes."));
  }

  private static RuleGroup calls() {
    return RuleGroup.of(
        "msk-calls",
        AlertingRule.of(
                "MskCircuitBreakerOpen",
                PAGE,
                "max by (job, service) (msk_call_breaker_ratio) == 2")
            .holdFor(Duration.ofMinutes(1))
            .summary("{{ $labels.job }} has given up on {{ $labels.service }}")
            .description("The circuit breaker is open: calls are refused before they are made."),
        AlertingRule.of(
                "MskRetryBudgetSpent",
                TICKET,
                "sum by (job, service) (increase(msk_call_failures_total{reason=\"NO_BUDGET\"}[10m])) > 0")
            .summary("{{ $labels.job }} may not retry calls to {{ $labels.service }}")
            .description(
                "{{ $value | humanize }} calls failed for want of a retry in ten minutes."),
        AlertingRule.of(
                "MskLoadShed",
                PAGE,
                "sum by (job, server) (rate(msk_shed_admissions_total{decision!=\"ADMITTED\"}[5m])) > 0.05 * sum by (job, server) (rate(msk_shed_admissions_total[5m]))")
            .holdFor(Duration.ofMinutes(5))
            .summary("{{ $labels.job }} refuses calls to keep up")
            .description(
                "{{ $value | humanize }} calls a second are shed by {{ $labels.server }}."));
  }

  private static RuleGroup telemetry() {
    return RuleGroup.of(
        "msk-telemetry",
        AlertingRule.of(
                "MskTagsDropped",
                TICKET,
                "sum by (job, instrument) (rate(msk_telemetry_tags_dropped_total[15m])) > 0")
            .holdFor(Duration.ofMinutes(15))
            .summary("{{ $labels.instrument }} of {{ $labels.job }} has too many tag values")
            .description("What comes after its first 1,000 is reported as _OTHER."),
        AlertingRule.of(
                "MskLogLinesDropped",
                TICKET,
                "sum by (job, appender) (increase(msk_log_lines_dropped_total[10m])) > 0")
            .holdFor(Duration.ofMinutes(1))
            .summary("{{ $labels.job }} drops log lines")
            .description(
                "{{ $value | humanize }} lines of appender {{ $labels.appender }} are missing within ten minutes."));
  }
}
