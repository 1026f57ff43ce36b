package dev.msk.discovery;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A running process of a service, and where it is reached. Immutable.
 *
 * @param service name of the service, in lower case, for example {@code orders}
 * @param id what tells it from all other instances of the service
 * @param host name or IP address, an IPv6 address without brackets
 * @param port 1 to 65535
 * @param tls whether it speaks TLS there
 * @param weight its share of the load, 1 to 10000; {@value #DEFAULT_WEIGHT} for one that states none
 * @param zone where it runs; {@value #UNKNOWN} for one that states none
 * @param version of its software; {@value #UNKNOWN} for one that states none
 * @param state as it says of itself
 * @param metadata what else it states
 */
public record Instance(
    String service,
    String id,
    String host,
    int port,
    boolean tls,
    int weight,
    String zone,
    String version,
    State state,
    Map<String, String> metadata) {

  /** The weight of an instance that states none. */
  public static final int DEFAULT_WEIGHT = 100;

  /** The highest weight. */
  public static final int MAX_WEIGHT = 10_000;

  /** The zone or version of an instance that states none. */
  public static final String UNKNOWN = "unknown";

  private static final Pattern SERVICE = Pattern.compile("[a-z0-9][a-z0-9._-]{0,127}");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]{1,253}");

  /** What an instance says of itself. */
  public enum State {
    /** Takes calls. */
    UP,
    /** Does not take calls yet. */
    STARTING,
    /** Finishes what it has; wants no new calls. */
    DRAINING,
    /** Its own health check fails. */
    DOWN
  }

  /**
   * Checks and copies.
   *
   * @param service name of the service; upper case becomes lower case
   * @param id 1 to 512 characters
   * @param host name or IP address
   * @param port 1 to 65535
   * @param tls whether it speaks TLS there
   * @param weight 1 to 10000
   * @param zone where it runs
   * @param version of its software
   * @param state as it says of itself
   * @param metadata what else it states
   * @throws IllegalArgumentException if a part has another form; the message names it
   */
  public Instance {
    service = checkedService(service);
    if (id.isBlank() || id.length() > 512) {
      throw new IllegalArgumentException("id: " + id + " (expected: 1 to 512 characters)");
    }
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException("host: " + host + " (expected: a name or IP address)");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
    }
    if (weight < 1 || weight > MAX_WEIGHT) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: 1 to 10000)");
    }
    requireNonNull(zone, "zone");
    requireNonNull(version, "version");
    requireNonNull(state, "state");
    metadata = Map.copyOf(metadata);
  }

  /**
   * An instance that is {@link State#UP}, without TLS, with weight {@value #DEFAULT_WEIGHT}, unknown zone and version, no
   * metadata, and the id {@code host:service:port}.
   *
   * @param service name of the service; upper case becomes lower case
   * @param host name or IP address
   * @param port 1 to 65535
   * @return a builder with these defaults
   */
  public static Builder builder(String service, String host, int port) {
    return new Builder(service, host, port);
  }

  /**
   * The form in which services are named: lower case.
   *
   * @param name 1 to 128 letters, digits, dots, hyphens and underscores, the first a letter or digit
   * @return the name in lower case
   * @throws IllegalArgumentException if it has another form
   */
  public static String checkedService(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (!SERVICE.matcher(lower).matches()) {
      throw new IllegalArgumentException(
          "service: " + name + " (expected: 1 to 128 letters, digits, '.', '-', '_')");
    }
    return lower;
  }

  /**
   * Where it is reached, as a URI has it.
   *
   * @return {@code host:port}, an IPv6 address in brackets
   */
  public String authority() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /**
   * The same instance in another state.
   *
   * @param value the state
   * @return a copy
   */
  public Instance withState(State value) {
    return new Instance(service, id, host, port, tls, weight, zone, version, value, metadata);
  }

  /** Collects the optional parts. Confined to one thread. */
  public static final class Builder {

    private final String service;
    private final String host;
    private final int port;
    private String id;
    private boolean tls;
    private int weight = DEFAULT_WEIGHT;
    private String zone = UNKNOWN;
    private String version = UNKNOWN;
    private State state = State.UP;
    private Map<String, String> metadata = Map.of();

    private Builder(String service, String host, int port) {
      this.service = checkedService(service);
      this.host = requireNonNull(host, "host");
      this.port = port;
      this.id = host + ":" + this.service + ":" + port;
    }

    /**
     * Sets what tells it from other instances; {@code host:service:port} by default.
     *
     * @param value 1 to 512 characters
     * @return this
     */
    public Builder id(String value) {
      this.id = requireNonNull(value, "id");
      return this;
    }

    /**
     * Sets whether it speaks TLS; false by default.
     *
     * @param value true for TLS
     * @return this
     */
    public Builder tls(boolean value) {
      this.tls = value;
      return this;
    }

    /**
     * Sets its share of the load; {@value Instance#DEFAULT_WEIGHT} by default.
     *
     * @param value 1 to 10000
     * @return this
     */
    public Builder weight(int value) {
      this.weight = value;
      return this;
    }

    /**
     * Sets where it runs; {@value Instance#UNKNOWN} by default.
     *
     * @param value for example {@code eu-west-1a}
     * @return this
     */
    public Builder zone(String value) {
      this.zone = requireNonNull(value, "zone");
      return this;
    }

    /**
     * Sets the version of its software; {@value Instance#UNKNOWN} by default.
     *
     * @param value for example {@code 1.4.2}
     * @return this
     */
    public Builder version(String value) {
      this.version = requireNonNull(value, "version");
      return this;
    }

    /**
     * Sets what it says of itself; {@link State#UP} by default.
     *
     * @param value the state
     * @return this
     */
    public Builder state(State value) {
      this.state = requireNonNull(value, "state");
      return this;
    }

    /**
     * Sets what else it states; nothing by default. Zone, version and weight have methods of their own.
     *
     * @param value from key to value
     * @return this
     */
    public Builder metadata(Map<String, String> value) {
      this.metadata = Map.copyOf(value);
      return this;
    }

    /**
     * Builds it.
     *
     * @return the instance
     * @throws IllegalArgumentException if a part has another form; the message names it
     */
    public Instance build() {
      return new Instance(service, id, host, port, tls, weight, zone, version, state, metadata);
    }
  }
}
