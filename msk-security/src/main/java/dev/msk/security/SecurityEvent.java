package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.security.internal.ShortHash;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that those who watch over a system want to know of, in the words of OWASP's logging vocabulary.
 *
 * <p>It has no secret in it: a credential goes in as the first eight hexadecimal digits of its SHA-256 digest, which tell two
 * of them apart and are worth nothing to a thief. Types and fields are closed sets; values have at most 256 characters and no
 * control characters, so that what a caller has chosen writes no line of its own.
 *
 * <p>Immutable: each method returns another one.
 *
 * @see <a href="https://cheatsheetseries.owasp.org/cheatsheets/Logging_Vocabulary_Cheat_Sheet.html">Logging vocabulary</a>
 */
public final class SecurityEvent {

  private static final int MAX_LENGTH = 256;

  private final EventType type;
  private final Source source;
  private final Map<Field, String> fields;

  private SecurityEvent(EventType type, Source source, Map<Field, String> fields) {
    this.type = type;
    this.source = source;
    this.fields = fields;
  }

  /**
   * An event without fields yet.
   *
   * @param type what happened
   * @param source who saw it
   * @return the event
   */
  public static SecurityEvent of(EventType type, Source source) {
    return new SecurityEvent(
        requireNonNull(type, "type"), requireNonNull(source, "source"), Map.of());
  }

  /**
   * The event with a field.
   *
   * @param field which; not {@link Field#CREDENTIAL}, which {@link #credential} sets
   * @param value no secret; null leaves the field out. Cut to 256 characters, control characters become question marks
   * @return another event
   */
  public SecurityEvent with(Field field, @Nullable String value) {
    if (field == Field.CREDENTIAL) {
      throw new IllegalArgumentException("field: CREDENTIAL (expected: credential(value))");
    }
    return value == null ? this : put(field, printable(value));
  }

  /**
   * The event with the short hash of a credential.
   *
   * @param value a token, a key or a proof
   * @return another event, which does not hold the value
   */
  public SecurityEvent credential(String value) {
    return put(Field.CREDENTIAL, ShortHash.of(value));
  }

  /**
   * What happened.
   *
   * @return the type
   */
  public EventType type() {
    return type;
  }

  /**
   * Who saw it.
   *
   * @return the source
   */
  public Source source() {
    return source;
  }

  /**
   * The particulars.
   *
   * @return those that are known, in the order of the enum; unmodifiable
   */
  public Map<Field, String> fields() {
    return fields;
  }

  /** Type, source and fields. */
  @Override
  public String toString() {
    return type.word() + " " + source + " " + fields;
  }

  private SecurityEvent put(Field field, String value) {
    Map<Field, String> next = new EnumMap<>(Field.class);
    next.putAll(fields);
    next.put(field, value);
    return new SecurityEvent(type, source, Collections.unmodifiableMap(next));
  }

  private static String printable(String value) {
    String cut = value.length() > MAX_LENGTH ? value.substring(0, MAX_LENGTH - 1) + "…" : value;
    return cut.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?");
  }

  /** How much an event matters. */
  public enum Level {
    /** To be kept. */
    INFO,
    /** To be counted. */
    WARN,
    /** To be looked at. */
    CRITICAL
  }

  /** What happened. All but those that begin with {@code TLS_} and {@code KEYS_} are words of OWASP's vocabulary, with its levels. */
  public enum EventType {
    /** A credential was refused; {@link Field#REASON} says why. */
    AUTHN_LOGIN_FAIL(Level.WARN),
    /** A user has logged in. */
    AUTHN_LOGIN_SUCCESS(Level.INFO),
    /** An API key was issued. */
    AUTHN_TOKEN_CREATED(Level.INFO),
    /** Tokens or an API key were taken back. */
    AUTHN_TOKEN_REVOKED(Level.INFO),
    /** A credential that was taken back, or a proof that was used before, came again. */
    AUTHN_TOKEN_REUSE(Level.CRITICAL),
    /** Somebody who is known asked for what no rule allows. */
    AUTHZ_FAIL(Level.CRITICAL),
    /** What came is not a credential of any form that is taken here. */
    INPUT_VALIDATION_FAIL(Level.WARN),
    /** A token that tries to choose how it is checked: its algorithm, its key, its critical headers. */
    MALICIOUS_EXTRANEOUS(Level.CRITICAL),
    /** A user's session was begun. */
    SESSION_CREATED(Level.INFO),
    /** A user's session was renewed. */
    SESSION_RENEWED(Level.INFO),
    /** A user's session has ended. */
    SESSION_EXPIRED(Level.INFO),
    /** A session cookie came that is over. */
    SESSION_USE_AFTER_EXPIRE(Level.CRITICAL),
    /** The issuer, or the store of keys, could not be asked, and a credential was refused for it. */
    KEYS_UNAVAILABLE(Level.WARN),
    /** A set of key, certificate and bundle came into force. */
    TLS_IDENTITY_PUBLISHED(Level.INFO),
    /** A set of key, certificate and bundle must not be used; the one of before stays. */
    TLS_IDENTITY_REFUSED(Level.CRITICAL),
    /** Where sets of key, certificate and bundle come from gives no answer; the one of before stays. */
    TLS_SOURCE_UNAVAILABLE(Level.WARN),
    /** A connection was refused because its peer is no longer trusted. */
    TLS_PEER_REFUSED(Level.WARN);

    private final Level level;
    private final String word;

    EventType(Level level) {
      this.level = level;
      this.word = name().toLowerCase(Locale.ROOT);
    }

    /**
     * How much it matters.
     *
     * @return the level
     */
    public Level level() {
      return level;
    }

    /**
     * The word of the vocabulary.
     *
     * @return for example {@code authn_login_fail}
     */
    public String word() {
      return word;
    }
  }

  /** Who saw it. */
  public enum Source {
    /** {@link TokenVerifier}. */
    TOKEN,
    /** Tokens that the issuer is asked about. */
    INTROSPECTION,
    /** API keys. */
    API_KEY,
    /** {@link Revocations} and {@link LogoutTokens}. */
    REVOCATION,
    /** A door of HTTP. */
    HTTP,
    /** A door of gRPC. */
    GRPC,
    /** {@link TlsIdentity} and those that hold connections to it. */
    TLS,
    /** Sessions of users at the edge. */
    SESSION
  }

  /** The particulars of an event. */
  public enum Field {
    /** Why, as a word of a closed set. */
    REASON,
    /** Why, in words. */
    DESCRIPTION,
    /** For whom. */
    SUBJECT,
    /** The workload that calls. */
    CALLER,
    /** What was asked for. */
    ACTION,
    /** The rule that decided. */
    RULE,
    /** Short hash of the credential. */
    CREDENTIAL,
    /** The public name of a key or token. */
    ID,
    /** Of a TLS identity. */
    GENERATION;

    /**
     * The member of the JSON line.
     *
     * @return for example {@code reason}
     */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
