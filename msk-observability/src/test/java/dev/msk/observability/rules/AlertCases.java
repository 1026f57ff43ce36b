package dev.msk.observability.rules;

import java.util.List;

/** Every alert of {@link BlockAlerts}, and what makes it fire and what does not. */
final class AlertCases {

  private static final String LOGIN =
      "msk_security_events_total{job=\"orders\",event=\"authn_login_fail\"}";
  private static final String FORBIDDEN =
      "msk_security_events_total{job=\"orders\",event=\"authz_fail\"}";
  private static final String LIMITED =
      "http_server_request_duration_seconds_count{job=\"gateway\",http_response_status_code=\"429\"}";

  private AlertCases() {}

  static List<AlertCase> all() {
    return List.of(
        AlertCase.of(
            "MskOutboxStalled",
            10,
            "msk_outbox_oldest_age_seconds{outbox=\"orders\"}",
            "0+30x20",
            "5+0x20",
            "0+0x20",
            "0+30x5 0+0x20"),
        AlertCase.of(
            "MskOutboxBacklogHigh",
            20,
            "msk_outbox_backlog{outbox=\"orders\"}",
            "0+5000x30",
            "9000+0x30",
            "0+0x30",
            "20000+0x8 0+0x30"),
        AlertCase.of(
            "MskRelayFailing",
            10,
            "msk_outbox_relay_failures_total{outbox=\"orders\"}",
            "0+1x20",
            "0+0x5 1+0x20",
            "50+0x20",
            "50+0x5 0+0x20"),
        AlertCase.of(
            "MskMessagesParked",
            15,
            "msk_consumer_messages_total{consumer=\"payments\",disposition=\"parked\"}",
            "0+0x10 1+0x10",
            "0+0x20",
            "7+0x20",
            "7+0x5 0+0x20"),
        AlertCase.of(
            "MskConsumerFailing",
            12,
            "msk_consumer_messages_total{consumer=\"payments\",disposition=\"failed\"}",
            "msk_consumer_messages_total{consumer=\"payments\",disposition=\"processed\"}",
            new String[] {"0+60x20", "0+10x20"},
            new String[] {"0+1x20", "0+60x20"},
            new String[] {"1000+60x3 0+0x20", "1000+1x3 0+60x20"}),
        AlertCase.of(
            "MskSagaStuck",
            10,
            "msk_saga_stuck{job=\"orders\"}",
            "0+0x3 2+0x20",
            "0+0x20",
            "",
            "2+0x3 0+0x20"),
        AlertCase.of(
            "MskSagaCompensationsHigh",
            50,
            "msk_saga_transitions_total{saga=\"place-order\",transition=\"FINISH_BACK\"}",
            "msk_saga_transitions_total{saga=\"place-order\",transition=\"COMPLETE\"}",
            new String[] {"0+30x60", "0+60x60"},
            new String[] {"0+1x60", "0+60x60"},
            new String[] {"500+0x20 0+0x40", "9000+60x20 0+60x40"}),
        AlertCase.of(
            "MskDiscoveryStale",
            15,
            "discovery_snapshot_age_seconds{job=\"gateway\",service=\"orders\"}",
            "0+60x20",
            "10+0x20",
            "",
            "0+60x8 0+0x20"),
        AlertCase.of(
            "MskNoInstances",
            10,
            "discovery_balancer_instances{job=\"gateway\",service=\"orders\",state=\"up\"}",
            "discovery_balancer_instances{job=\"gateway\",service=\"orders\",state=\"down\"}",
            new String[] {"2+0x3 0+0x20", "0+0x3 2+0x20"},
            new String[] {"1+0x20", "1+0x20"},
            new String[] {"0+0x3 2+0x20", "2+0x3 0+0x20"}),
        AlertCase.of(
            "MskBalancerPanic",
            10,
            "discovery_balancer_panic_ratio{job=\"gateway\",service=\"orders\"}",
            "0+0x3 1+0x20",
            "0+0x20",
            "",
            "1+0x3 0+0x20"),
        AlertCase.of(
            "MskEjectionsHigh",
            12,
            "discovery_balancer_ejections_total{job=\"gateway\",service=\"orders\",cause=\"consecutive_failures\"}",
            "0+1x20",
            "0+0x10 1+0x10",
            "40+0x20",
            "40+0x5 0+0x20"),
        AlertCase.of(
            "MskCircuitBreakerOpen",
            10,
            "msk_call_breaker_ratio{job=\"gateway\",service=\"orders\"}",
            "0+0x3 2+0x20",
            "0+0x3 1+0x20",
            "",
            "2+0x3 0+0x20"),
        AlertCase.of(
            "MskRetryBudgetSpent",
            10,
            "msk_call_failures_total{job=\"gateway\",service=\"orders\",reason=\"NO_BUDGET\"}",
            "0+0x5 4+0x20",
            "0+0x20",
            "9+0x20",
            "9+0x3 0+0x20"),
        AlertCase.of(
            "MskLoadShed",
            12,
            "msk_shed_admissions_total{job=\"orders\",server=\"http\",decision=\"LIMIT_REACHED\"}",
            "msk_shed_admissions_total{job=\"orders\",server=\"http\",decision=\"ADMITTED\"}",
            new String[] {"0+30x20", "0+60x20"},
            new String[] {"0+1x20", "0+60x20"},
            new String[] {"900+30x3 0+0x20", "9000+60x3 0+60x20"}),
        AlertCase.of(
            "MskLoginFailures",
            75,
            LOGIN,
            "0+0x60 0+300x30",
            "0+6x90",
            "900+0x90",
            "90000+300x9 0+0x90"),
        AlertCase.of(
            "MskForbiddenSpike",
            75,
            FORBIDDEN,
            "0+0x60 0+300x30",
            "0+6x90",
            "900+0x90",
            "90000+300x9 0+0x90"),
        AlertCase.of(
            "MskRateLimitStorm",
            75,
            LIMITED,
            "0+0x60 0+900x30",
            "0+60x90",
            "900+0x90",
            "90000+900x9 0+0x90"),
        event("MskTokenReuse", "authn_token_reuse"),
        event("MskForgedTokens", "malicious_extraneous"),
        event("MskTlsIdentityRefused", "tls_identity_refused"),
        AlertCase.of(
            "MskKeysUnavailable",
            10,
            "msk_security_events_total{job=\"orders\",event=\"keys_unavailable\"}",
            "0+10x20",
            "0+0x20",
            "40+0x20",
            "40+10x2 0+0x20"),
        AlertCase.of(
            "MskSignatureFailures",
            10,
            "msk_security_token_verifications_total{job=\"orders\",result=\"signature\"}",
            "0+10x20",
            "0+1x20",
            "400+0x20",
            "400+10x3 0+0x20"),
        AlertCase.of(
            "MskKeysOld",
            30,
            "msk_security_jwks_age_seconds{job=\"orders\",issuer=\"shop\"}",
            "0+60x40",
            "250+0x40",
            "",
            "0+60x20 0+0x20"),
        certificate("MskCertificateExpiring", "0.3-0.01x20"),
        certificate("MskCertificateExpired", "0.3-0.03x20"),
        AlertCase.of(
            "MskTagsDropped",
            50,
            "msk_telemetry_tags_dropped_total{job=\"orders\",instrument=\"shop.orders\"}",
            "0+5x60",
            "0+0x60",
            "40+0x60",
            "40+5x20 0+0x40"),
        AlertCase.of(
            "MskLogLinesDropped",
            12,
            "msk_log_lines_dropped_total{job=\"orders\",appender=\"ASYNC\"}",
            "0+0x9 12+0x10",
            "0+0x20",
            "7+0x20",
            "7+0x1 0+0x20"));
  }

  /** What always was so is no spike, however much it is: a day and more at three times the bound. */
  static List<AlertCase> habits() {
    return List.of(
        habit("MskLoginFailures", LOGIN, "0+180x1500"),
        habit("MskForbiddenSpike", FORBIDDEN, "0+90x1500"),
        habit("MskRateLimitStorm", LIMITED, "0+900x1500"));
  }

  private static AlertCase habit(String alert, String series, String always) {
    return AlertCase.of(alert, 1_490, series, always, always, always, always);
  }

  private static AlertCase event(String alert, String event) {
    return AlertCase.of(
        alert,
        12,
        "msk_security_events_total{job=\"orders\",event=\"" + event + "\"}",
        "0+0x10 1+0x10",
        "0+0x20",
        "7+0x20",
        "7+1x3 0+0x20");
  }

  private static AlertCase certificate(String alert, String ages) {
    return AlertCase.of(
        alert,
        12,
        "msk_security_certificate_remaining_ratio{job=\"orders\",identity=\"server\"}",
        ages,
        "0.5-0.001x20",
        "",
        "0.04-0.001x5 1-0.001x20");
  }
}
