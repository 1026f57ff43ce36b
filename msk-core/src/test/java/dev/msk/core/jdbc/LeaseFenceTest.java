package dev.msk.core.jdbc;

import dev.msk.localservers.MariaDbServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import org.junit.jupiter.api.Nested;

class LeaseFenceTest {

  @Nested
  @WithServers
  class OnPostgres extends LeaseFenceContract {
    OnPostgres(PostgresServer server) {
      super(new PostgresEngine(server));
    }
  }

  @Nested
  @WithServers
  class OnMariaDb extends LeaseFenceContract {
    OnMariaDb(MariaDbServer server) {
      super(MariaDbEngine.of(server));
    }
  }

  @Nested
  class OnH2 extends LeaseFenceContract {
    OnH2() {
      super(new H2Engine());
    }
  }

  @Nested
  @WithServers
  class OnMariaDbByMySqlsDriver extends LeaseFenceContract {
    OnMariaDbByMySqlsDriver(MariaDbServer server) {
      super(MariaDbEngine.byMySqlsDriver(server));
    }
  }
}
