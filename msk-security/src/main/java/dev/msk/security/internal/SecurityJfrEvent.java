package dev.msk.security.internal;

import dev.msk.security.SecurityEvent;
import dev.msk.security.SecurityEvent.Field;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A {@link SecurityEvent} in a flight recording; costs a field read where none is made. */
@Name("dev.msk.SecurityEvent")
@Label("Security Event")
@Category({"MSK", "Security"})
@Description("In the words of OWASP's logging vocabulary")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // The flight recorder reads the fields.
public final class SecurityJfrEvent extends Event {

  @Label("Event")
  private final String event;

  @Label("Level")
  private final String level;

  @Label("Source")
  private final String source;

  @Label("Reason")
  private final @Nullable String reason;

  @Label("Description")
  private final @Nullable String description;

  @Label("Subject")
  private final @Nullable String subject;

  @Label("Caller")
  private final @Nullable String caller;

  @Label("Action")
  private final @Nullable String action;

  @Label("Rule")
  private final @Nullable String rule;

  @Label("Short Hash of the Credential")
  private final @Nullable String credential;

  @Label("Id")
  private final @Nullable String id;

  @Label("Generation")
  private final @Nullable String generation;

  private SecurityJfrEvent(SecurityEvent seen) {
    this.event = seen.type().word();
    this.level = seen.type().level().name();
    this.source = seen.source().name();
    this.reason = seen.fields().get(Field.REASON);
    this.description = seen.fields().get(Field.DESCRIPTION);
    this.subject = seen.fields().get(Field.SUBJECT);
    this.caller = seen.fields().get(Field.CALLER);
    this.action = seen.fields().get(Field.ACTION);
    this.rule = seen.fields().get(Field.RULE);
    this.credential = seen.fields().get(Field.CREDENTIAL);
    this.id = seen.fields().get(Field.ID);
    this.generation = seen.fields().get(Field.GENERATION);
  }

  /**
   * Records an event, if there is a recording that wants it.
   *
   * @param seen the event
   */
  public static void record(SecurityEvent seen) {
    SecurityJfrEvent event = new SecurityJfrEvent(seen);
    if (event.shouldCommit()) {
      event.commit();
    }
  }
}
