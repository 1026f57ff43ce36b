package dev.msk.observability.rules;

import static dev.msk.observability.rules.Severity.PAGE;
import static dev.msk.observability.rules.Severity.TICKET;

import java.time.Duration;

/**
 * Alerts on security anomalies, by the words of OWASP's logging vocabulary, which {@code msk.security.events} counts.
 *
 * <p>What any stranger can cause at will is compared with the day before, so that a service whose users mistype is not the one that
 * pages at night; what only a thief or a mistake of ours causes alerts at the first time. Who it was stands in the log, never in a label.
 *
 * @see <a href="https://cheatsheetseries.owasp.org/cheatsheets/Logging_Vocabulary_Cheat_Sheet.html">Logging vocabulary</a>
 */
final class SecurityAlerts {

  private SecurityAlerts() {}

  static RuleGroup group() {
    return RuleGroup.of(
        "msk-security",
        AlertingRule.of("MskLoginFailures", TICKET, spike(event("authn_login_fail"), 1))
            .holdFor(Duration.ofMinutes(5))
            .summary("{{ $labels.job }} refuses far more credentials than it did")
            .description(
                "{{ $value | humanize }} a second: somebody tries passwords or tokens, or an issuer has changed its keys."),
        AlertingRule.of("MskForbiddenSpike", TICKET, spike(event("authz_fail"), 0.5))
            .holdFor(Duration.ofMinutes(5))
            .summary("{{ $labels.job }} forbids far more than it did")
            .description(
                "{{ $value | humanize }} a second: somebody looks for open doors, or a rule is wrong."),
        AlertingRule.of(
                "MskRateLimitStorm",
                TICKET,
                spike(
                    "http_server_request_duration_seconds_count{http_response_status_code=\"429\"}",
                    5))
            .holdFor(Duration.ofMinutes(5))
            .summary("{{ $labels.job }} answers far more requests with 429 than it did")
            .description("{{ $value | humanize }} a second are over their limit."),
        AlertingRule.of("MskTokenReuse", PAGE, happened(event("authn_token_reuse")))
            .summary("A credential that was taken back came to {{ $labels.job }}")
            .description(
                "{{ $value | humanize }} times within five minutes: a stolen token, or a client that was not told."),
        AlertingRule.of("MskForgedTokens", PAGE, happened(event("malicious_extraneous")))
            .summary("{{ $labels.job }} got tokens that try to choose how they are checked")
            .description("{{ $value | humanize }} times within five minutes. All were refused."),
        AlertingRule.of(
                "MskSignatureFailures",
                PAGE,
                "sum by (job) (increase(msk_security_token_verifications_total{result=\"signature\"}[5m])) > 10")
            .summary("{{ $labels.job }} got tokens with wrong signatures")
            .description(
                "{{ $value | humanize }} within five minutes: forged, or signed with a key that its issuer does not show."),
        AlertingRule.of("MskKeysUnavailable", PAGE, happened(event("keys_unavailable")))
            .holdFor(Duration.ofMinutes(2))
            .summary("{{ $labels.job }} refuses tokens since it has no keys to check them")
            .description(
                "{{ $value | humanize }} within five minutes: the issuer cannot be asked."),
        AlertingRule.of(
                "MskKeysOld", TICKET, "max by (job, issuer) (msk_security_jwks_age_seconds) > 900")
            .holdFor(Duration.ofMinutes(5))
            .summary("{{ $labels.job }} has old keys of {{ $labels.issuer }}")
            .description(
                "They were fetched {{ $value | humanizeDuration }} ago; tokens are refused when they are an hour old."),
        AlertingRule.of(
                "MskCertificateExpiring",
                TICKET,
                "min by (job, identity) (msk_security_certificate_remaining_ratio) < 0.2")
            .holdFor(Duration.ofMinutes(1))
            .summary(
                "The certificate {{ $labels.identity }} of {{ $labels.job }} was not renewed in time")
            .description("{{ $value | humanizePercentage }} of its life are left."),
        AlertingRule.of(
                "MskCertificateExpired",
                PAGE,
                "min by (job, identity) (msk_security_certificate_remaining_ratio) < 0.05")
            .summary(
                "The certificate {{ $labels.identity }} of {{ $labels.job }} is about to expire, or has")
            .description(
                "{{ $value | humanizePercentage }} of its life are left; then no connection is made any more."),
        AlertingRule.of("MskTlsIdentityRefused", TICKET, happened(event("tls_identity_refused")))
            .summary("{{ $labels.job }} was given a certificate that must not be used")
            .description("The one of before stays in force until it expires."));
  }

  private static String event(String word) {
    return "msk_security_events_total{event=\"" + word + "\"}";
  }

  /** More than so many a second, and three times as many as on an average of the day. */
  private static String spike(String counter, double perSecond) {
    String now = "sum by (job) (rate(" + counter + "[5m]))";
    return now + " > " + perSecond + " and " + now + " > 3 * sum by (job) (rate(" + counter
        + "[1d]))";
  }

  private static String happened(String counter) {
    return "sum by (job) (increase(" + counter + "[5m])) > 0";
  }
}
