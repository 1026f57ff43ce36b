package dev.msk.core.jdbc;

import dev.msk.localservers.MariaDbServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import org.junit.jupiter.api.Nested;

class LeasesTest {

  @Nested
  @WithServers
  class OnPostgres extends LeasesContract {
    OnPostgres(PostgresServer server) {
      super(new PostgresEngine(server));
    }
  }

  @Nested
  @WithServers
  class OnMariaDb extends LeasesContract {
    OnMariaDb(MariaDbServer server) {
      super(MariaDbEngine.of(server));
    }
  }

  @Nested
  class OnH2 extends LeasesContract {
    OnH2() {
      super(new H2Engine());
    }
  }

  @Nested
  @WithServers
  class OnMariaDbWhosePoolIsSerializable extends LeasesContract {
    OnMariaDbWhosePoolIsSerializable(MariaDbServer server) {
      super(MariaDbEngine.of(server).serializable());
    }
  }

  @Nested
  @WithServers
  class OnMariaDbByMySqlsDriver extends LeasesContract {
    OnMariaDbByMySqlsDriver(MariaDbServer server) {
      super(MariaDbEngine.byMySqlsDriver(server));
    }
  }
}
