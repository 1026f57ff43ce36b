package dev.msk.examples.chassis;

import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.observability.security.KeyAge;
import dev.msk.security.JwksSource;
import dev.msk.security.SecurityEvents;
import dev.msk.security.TokenVerifier;

/**
 * Whose access tokens this process takes.
 *
 * <p>Each service checks the customer's token itself, whoever forwards it: what a service in front has
 * checked is no proof.
 */
public final class Tokens implements AutoCloseable {

  /**
   * The issuer.
   *
   * <pre>
   * TOKEN_ISSUER    mandatory; http://localhost:8080/realms/shop, say: its keys are found by OpenID Connect discovery
   * TOKEN_AUDIENCE  shop
   * </pre>
   *
   * @param issuer as tokens name it
   * @param audience as tokens name this shop
   */
  public record Settings(String issuer, String audience) {

    /**
     * Reads the environment.
     *
     * @param environment remembers what is wrong
     * @return the settings
     */
    public static Settings of(Environment environment) {
      String issuer = environment.text("TOKEN_ISSUER", "");
      if (issuer.isEmpty()) {
        environment.wrong("TOKEN_ISSUER", "not set", "the URL of the token issuer");
      }
      return new Settings(issuer, environment.text("TOKEN_AUDIENCE", "shop"));
    }
  }

  private final JwksSource keys;
  private final GaugeType.Registration keyAge;
  private final SecurityEvents events;
  private final TokenVerifier verifier;

  private Tokens(String service, Settings settings, Telemetry telemetry) {
    this.keys = JwksSource.discover(settings.issuer()).build();
    this.keyAge = KeyAge.register(telemetry, settings.issuer(), keys);
    this.events = SecurityEvents.builder(service).telemetry(telemetry).build();
    this.verifier = TokenVerifier.builder(settings.issuer(), keys)
        .audience(settings.audience())
        .telemetry(telemetry)
        .events(events)
        .build();
  }

  /**
   * Tokens of an issuer. Its keys are fetched when the first token comes.
   *
   * @param service that takes them
   * @param settings which one
   * @param telemetry hears of refusals
   * @return to be closed
   */
  public static Tokens of(String service, Settings settings, Telemetry telemetry) {
    return new Tokens(service, settings, telemetry);
  }

  /**
   * Checks them.
   *
   * @return the verifier
   */
  public TokenVerifier verifier() {
    return verifier;
  }

  /**
   * Where refusals are told: in the log, and counted.
   *
   * @return for the doors, which refuse as well
   */
  public SecurityEvents events() {
    return events;
  }

  @Override
  public void close() {
    keyAge.close();
    keys.close();
  }
}
