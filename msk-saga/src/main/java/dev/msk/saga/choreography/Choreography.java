package dev.msk.saga.choreography;

import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.EventHandler;
import dev.msk.messaging.Outbox;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs a service's {@link Participant}s on its PostgreSQL: sagas in which services react to each other's events, and nobody coordinates.
 *
 * <p>State, timers, the consumer's inbox row and the outbox rows of one input are one transaction. So each input counts exactly once for
 * each instance, though events are delivered and timers fired at least once. Inputs of one instance are taken one after another, in
 * whichever process they come; those of different instances side by side.
 *
 * <table>
 * <caption>If the process dies</caption>
 * <tr><th>when</th><th>then</th></tr>
 * <tr><td>before the commit of an event</td><td>nothing happened; the broker delivers it again</td></tr>
 * <tr><td>after it, before the broker was told</td><td>it comes again, and the inbox drops it</td></tr>
 * <tr><td>after a reaction committed</td><td>its events are in the outbox, which the relay sends</td></tr>
 * <tr><td>before the commit of a timer</td><td>its row is still there; whoever has the lease next fires it</td></tr>
 * <tr><td>after it</td><td>its row is gone with its effect: it does not fire again</td></tr>
 * <tr><td>before the commit that puts an instance in quarantine</td><td>the input comes again, and puts it there</td></tr>
 * <tr><td>before the commit of a release</td><td>the instance is in quarantine as it was</td></tr>
 * <tr><td>after it</td><td>it has taken what was kept, once</td></tr>
 * </table>
 *
 * <p>An event that comes before its instance started is kept, and taken when it starts. An instance that cannot take an input, because a
 * function threw, its state cannot be read, or the outbox refuses what it publishes, is put in quarantine with that input, its bytes and
 * its error; later inputs are kept in order behind it, its timers wait, and all other instances go on. {@link ChoreographyAdmin} releases
 * it. An event whose data cannot be read, or whose key cannot be told, belongs to no instance: the consumer parks it.
 *
 * <p>PostgreSQL 14 or newer, read committed; the tables are those of {@link ChoreographySchema}. Thread-safe.
 *
 * @see <a href="https://github.com/johanhaleby/occurrent">occurrent, whose saga DSL is the model of evolve and react</a>
 */
public final class Choreography implements AutoCloseable {

  private final ChoreographySettings settings;
  private final Instances instances;
  private final ChoreographyLoop loop;
  private final ChoreographyAdmin admin;

  Choreography(ChoreographySettings settings) {
    this.settings = settings;
    this.instances = new Instances(settings);
    this.loop = new ChoreographyLoop(settings, instances);
    this.admin = new ChoreographyAdmin(settings, instances);
  }

  /**
   * Starts a choreography whose tables have {@link dev.msk.core.jdbc.TableNames#defaults()}, that keeps states as JSON and at most 100
   * inputs for an instance, looks for due timers every 500 ms, 100 at a time, counts for its gauges every 30 s, and deletes instances
   * that ended after 30 days, those that nothing started after 7 days, and those in quarantine after 90 days.
   *
   * @param transactor for timers, operators and retention, over the database in which consumers run their transactions
   * @param outbox takes what participants emit
   * @param source of the events that they emit, a URI-reference
   * @param leases say which process fires timers, in the same database
   * @return a builder
   */
  public static ChoreographyBuilder builder(
      Transactor transactor, Outbox outbox, String source, Leases leases) {
    return new ChoreographyBuilder(transactor, outbox, source, leases);
  }

  /**
   * Draws who emits what and who listens, as a Mermaid flowchart: from the definitions of several services, what no single service knows.
   *
   * @param participants of all services; watches too
   * @return its lines
   */
  public static String toMermaid(Participant<?, ?>... participants) {
    return ChoreographyDiagram.of(List.of(participants));
  }

  /**
   * Starts the thread that fires timers. Without it events are taken, and no timer fires in this process.
   *
   * @return this
   * @throws IllegalStateException if it was started or closed before
   */
  public Choreography start() {
    loop.start();
    return this;
  }

  /**
   * The types that the participants listen to.
   *
   * @return sorted
   */
  public Set<String> listensTo() {
    Set<String> types = new TreeSet<>();
    settings.participants().values().forEach(participant -> types.addAll(participant.listensTo()));
    return types;
  }

  /**
   * Takes an event, in the transaction of a consumer's inbox.
   *
   * @return a handler for the types that {@link #listensTo()} names; it throws {@link NewerStateException} and {@link KeptFullException}
   *     for the consumer's failure policy
   */
  public EventHandler events() {
    return instances::event;
  }

  /**
   * Has a consumer hand over all that the participants listen to.
   *
   * @param consumer gets {@link #events()} for each type of {@link #listensTo()}
   * @return the consumer's builder
   * @throws IllegalArgumentException if it has a handler for one of the types
   */
  public EventConsumer.Builder handleIn(EventConsumer.Builder consumer) {
    EventHandler handler = events();
    listensTo().forEach(type -> consumer.handle(type, handler));
    return consumer;
  }

  /**
   * What operators see and do.
   *
   * @return the same at each call
   */
  public ChoreographyAdmin admin() {
    return admin;
  }

  /**
   * Ends the thread after the timer that fires, waits at most {@code drainTimeout} for it, and gives its leases back. What is due then is
   * fired by another process. Idempotent.
   */
  @Override
  public void close() {
    loop.close();
  }
}
