package dev.msk.saga.crash;

import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.crash.Transfers.Transfer;
import java.sql.PreparedStatement;
import javax.sql.DataSource;

/** Where processes die: at the point that a transfer's fate names, once, whichever process gets there first. */
interface Doom {

  /** Nobody dies by it. */
  Doom NONE = (point, transfer) -> {};

  void at(String point, Transfer transfer);

  /** The process ends at once, as by kill -9. */
  static Doom of(DataSource database) {
    Transactor remembers = Transactor.of(database);
    return (point, transfer) -> {
      if (transfer.fate().endsWith("@" + point) && isNew(remembers, transfer.key() + "@" + point)) {
        Runtime.getRuntime().halt(137);
      }
    };
  }

  private static boolean isNew(Transactor remembers, String point) {
    return remembers.call(tx -> {
      try (PreparedStatement insert =
          tx.prepareStatement("INSERT INTO died (point) VALUES (?) ON CONFLICT DO NOTHING")) {
        insert.setString(1, point);
        return insert.executeUpdate() == 1;
      }
    });
  }
}
