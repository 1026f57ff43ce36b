package dev.msk.security.vault;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.security.TlsSource.Registration;
import dev.msk.security.SpiffeId;
import dev.msk.security.internal.Egress;
import dev.msk.security.internal.FormPost;
import dev.msk.security.internal.FullJitter;
import dev.msk.security.spi.TlsMaterialSource;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Certificates that Vault's PKI secrets engine signs ({@code pki/sign/ROLE}), for keys that are made here and never leave
 * this process. For {@link dev.msk.security.TlsIdentity#from}.
 *
 * <p>A certificate is renewed, with another key, when between 60 and 67 % of its life have passed; each process draws the
 * moment. The authorities, {@code pki/ca_chain}, are looked at each time and every 30 s between: those that are not in it are
 * trusted no more from the moment that the answer arrives, and when they no longer vouch for our certificate it is renewed
 * at once. What fails is tried again after a wait with full jitter, of at most a second at first and 30 s later; meanwhile
 * the set before stays in force.
 *
 * <p>Vault is asked by https, and by plain http on this machine's loopback names only; requests last at most 10 s, answers
 * are at most 256 KiB long, redirects are not followed. The role must issue from the default issuer of its mount, without
 * leases, and take the names of the request ({@code use_csr_sans}, as roles do by default). Has no thread of its own but
 * those of the JDK's HTTP client, on which sets are offered and listeners of the identity called.
 *
 * @see <a href="https://developer.hashicorp.com/vault/api-docs/secret/pki">PKI secrets engine</a>
 */
public final class VaultPki implements TlsMaterialSource {

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final Settings settings;
  private final VaultHttp vault;
  private final Scheduler scheduler;
  private final RandomGenerator random;

  private VaultPki(
      Settings settings, VaultHttp vault, Scheduler scheduler, RandomGenerator random) {
    this.settings = settings;
    this.vault = vault;
    this.scheduler = scheduler;
    this.random = random;
  }

  /**
   * Certificates of a role at the mount {@code pki}, for the common name alone, on P-256, as long-lived as the role says.
   *
   * @param address of Vault, without a path, for example {@code https://vault.internal:8200}
   * @param login proves who this process is
   * @param role of the secrets engine
   * @param commonName of the certificates
   * @param scheduler renews; stays yours
   * @return a builder with these defaults
   */
  public static Builder builder(
      URI address, VaultLogin login, String role, String commonName, Scheduler scheduler) {
    return new Builder(
        requireNonNull(address, "address"),
        requireNonNull(login, "login"),
        requireNonNull(role, "role"),
        requireNonNull(commonName, "commonName"),
        requireNonNull(scheduler, "scheduler"));
  }

  @Override
  public Registration start(Receiver receiver) {
    requireNonNull(receiver, "receiver");
    VaultRenewal renewal = new VaultRenewal(
        settings, vault, scheduler, new FullJitter(FIRST_WAIT, LONGEST_WAIT, random), receiver);
    renewal.step();
    return renewal;
  }

  /** Where Vault is, and the role. */
  @Override
  public String toString() {
    return "VaultPki[" + vault.address() + ", " + settings.mount() + "/sign/" + settings.role()
        + "]";
  }

  record Settings(
      VaultLogin login,
      String mount,
      String role,
      String commonName,
      List<String> hosts,
      @Nullable SpiffeId spiffeId,
      @Nullable Duration ttl,
      boolean rsa,
      Duration lookEvery,
      InstantSource clock) {

    @Nullable
    String uri() {
      return spiffeId == null ? null : spiffeId.toString();
    }
  }

  /** Builds a {@link VaultPki}. Confined to one thread. */
  public static final class Builder {

    private final URI address;
    private final VaultLogin login;
    private final String role;
    private final String commonName;
    private final Scheduler scheduler;
    private final List<String> hosts = new ArrayList<>();
    private String mount = "pki";
    private Duration timeout = Duration.ofSeconds(10);
    private Duration lookEvery = Duration.ofSeconds(30);
    private InstantSource clock = InstantSource.system();
    private RandomGenerator random = RandomGenerator.getDefault();
    private boolean rsa;
    private boolean insecure;
    private @Nullable SpiffeId spiffeId;
    private @Nullable Duration ttl;
    private @Nullable String namespace;
    private @Nullable HttpClient sender;

    private Builder(
        URI address, VaultLogin login, String role, String commonName, Scheduler scheduler) {
      this.address = address;
      this.login = login;
      this.role = role;
      this.commonName = commonName;
      this.scheduler = scheduler;
    }

    /**
     * Adds host names to the certificates.
     *
     * @param hosts DNS names; default none; adds to those of an earlier call
     * @return this
     */
    public Builder hosts(String... hosts) {
      this.hosts.addAll(List.of(hosts));
      return this;
    }

    /**
     * Adds a SPIFFE id to the certificates, and refuses those without it.
     *
     * @param spiffeId of this process, which the role must allow ({@code allowed_uri_sans}); default none
     * @return this
     */
    public Builder spiffeId(SpiffeId spiffeId) {
      this.spiffeId = requireNonNull(spiffeId, "spiffeId");
      return this;
    }

    /**
     * Asks for a life.
     *
     * @param ttl of certificates, which the role may cut; at least a second; default the role's
     * @return this
     */
    public Builder ttl(Duration ttl) {
      this.ttl = requireNonNull(ttl, "ttl");
      return this;
    }

    /**
     * Makes keys of RSA, 2048 bits, for roles that take no others, as those do whose {@code key_type} was left to Vault.
     *
     * @return this
     */
    public Builder rsa() {
      this.rsa = true;
      return this;
    }

    /**
     * Says where the secrets engine is mounted.
     *
     * @param mount its path, default {@code pki}
     * @return this
     */
    public Builder mount(String mount) {
      this.mount = requireNonNull(mount, "mount");
      return this;
    }

    /**
     * Names a namespace of Vault Enterprise.
     *
     * @param namespace default none
     * @return this
     */
    public Builder namespace(String namespace) {
      this.namespace = requireNonNull(namespace, "namespace");
      return this;
    }

    /**
     * Says how late it may be seen that an authority was added or taken away.
     *
     * @param interval between two looks, default 30 s
     * @return this
     */
    public Builder lookEvery(Duration interval) {
      this.lookEvery = requireNonNull(interval, "interval");
      return this;
    }

    /**
     * Bounds a request.
     *
     * @param timeout to the last byte of the answer, default 10 s
     * @return this
     */
    public Builder timeout(Duration timeout) {
      this.timeout = requireNonNull(timeout, "timeout");
      return this;
    }

    /**
     * Lets logins and certificates go over plain http to any host, where everybody on the way can read and change them.
     *
     * @return this
     */
    public Builder insecurePlainHttp() {
      this.insecure = true;
      return this;
    }

    /**
     * Sends the requests, for instance with a trust store of your own.
     *
     * @param sender must not follow redirects; stays yours; by default one is made
     * @return this
     */
    public Builder client(HttpClient sender) {
      this.sender = requireNonNull(sender, "sender");
      return this;
    }

    /**
     * Tells the time.
     *
     * @param clock default the system's
     * @return this
     */
    public Builder clock(InstantSource clock) {
      this.clock = requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Spreads renewals and attempts.
     *
     * @param random default {@link RandomGenerator#getDefault()}
     * @return this
     */
    public Builder random(RandomGenerator random) {
      this.random = requireNonNull(random, "random");
      return this;
    }

    /**
     * Builds the source.
     *
     * @return the source; nothing is asked for yet
     * @throws IllegalArgumentException if a setting is out of bounds; names all of them
     */
    public VaultPki build() {
      List<String> faults = new ArrayList<>();
      checkAddress(faults);
      if (role.isBlank()) {
        faults.add("role: blank (expected: a name)");
      }
      if (commonName.isBlank()) {
        faults.add("commonName: blank (expected: a name)");
      }
      if (!VaultLogin.isMount(mount)) {
        faults.add("mount: " + mount + " (expected: a path such as pki, without slashes around)");
      }
      for (String host : hosts) {
        if (!host.matches("[A-Za-z0-9*._-]+")) {
          faults.add("hosts: " + host + " (expected: DNS names)");
        }
      }
      positive(faults, "timeout", timeout);
      positive(faults, "lookEvery", lookEvery);
      if (ttl != null && ttl.toSeconds() < 1) {
        faults.add("ttl: " + ttl + " (expected: at least a second)");
      }
      if (sender != null && sender.followRedirects() != HttpClient.Redirect.NEVER) {
        faults.add("client: follows redirects (expected: Redirect.NEVER)");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      HttpClient used = sender == null ? FormPost.newClient(timeout) : sender;
      Settings settings = new Settings(
          login, mount, role, commonName, List.copyOf(hosts), spiffeId, ttl, rsa, lookEvery, clock);
      return new VaultPki(
          settings, new VaultHttp(used, address, namespace, timeout), scheduler, random);
    }

    private void checkAddress(List<String> faults) {
      boolean plain = insecure && "http".equals(address.getScheme()) && address.getHost() != null;
      try {
        if (!plain) {
          Egress.requireShape("address", address);
        }
      } catch (IllegalArgumentException e) {
        faults.add(e.getMessage() + ", or insecurePlainHttp()");
        return;
      }
      String path = address.getRawPath() == null ? "" : address.getRawPath();
      if (address.getRawQuery() != null || !(path.isEmpty() || path.equals("/"))) {
        faults.add("address: " + address + " (expected: no path and no query)");
      }
    }

    private static void positive(List<String> faults, String name, Duration value) {
      if (value.isZero() || value.isNegative()) {
        faults.add(name + ": " + value + " (expected: more than zero)");
      }
    }
  }
}
