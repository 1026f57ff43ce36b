package dev.msk.security.spi;

import dev.msk.core.security.TlsSource.Registration;
import dev.msk.security.TlsIdentity.Reload;

/**
 * Where keys, certificates and trust come from by themselves, for {@link dev.msk.security.TlsIdentity#from}: an agent that
 * pushes them, or an authority that is asked anew before they expire.
 *
 * <p>What it offers is checked by whoever takes it; the source checks what only it knows, such as the name that it asked
 * for. When it has nothing to offer it says so and goes on trying.
 */
@FunctionalInterface
public interface TlsMaterialSource {

  /**
   * Begins to bring sets. Returns at once; what goes wrong later is told to the receiver.
   *
   * @param receiver called by one thread at a time
   * @return closing it ends the calls and gives back all that the source holds; idempotent
   */
  Registration start(Receiver receiver);

  /** Who takes what a source brings. Thread-safe. */
  interface Receiver {

    /**
     * Offers a set, which takes the place of the one before if it may be used. Listeners of the identity are called before
     * this returns.
     *
     * @param set all of it: what is not in it counts no more
     * @return what came of it
     */
    Reload offer(TlsMaterial set);

    /**
     * Tells of a set that cannot even be offered.
     *
     * @param reason what is wrong with it; no secret
     */
    void refused(String reason);

    /**
     * Tells that there is nothing to offer at present.
     *
     * @param reason who gave no answer, and why; no secret
     */
    void unavailable(String reason);
  }
}
