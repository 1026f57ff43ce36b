package dev.msk.core.jdbc;

import java.time.Instant;
import java.util.Optional;

/**
 * What the database says about a name, to whoever looks.
 *
 * @param name what the lease is for
 * @param owner who holds it or held it last, empty if it was released
 * @param epoch of the newest holding
 * @param held whether it is held now, by the database's clock
 * @param acquiredAt when the newest holding began, by the database's clock
 * @param expiresAt when it ends or ended, by the database's clock
 */
public record LeaseState(
    String name,
    Optional<String> owner,
    long epoch,
    boolean held,
    Instant acquiredAt,
    Instant expiresAt) {}
