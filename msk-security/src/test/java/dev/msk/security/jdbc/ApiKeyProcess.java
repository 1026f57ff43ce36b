package dev.msk.security.jdbc;

import dev.msk.security.ApiKeys;
import dev.msk.security.ApiKeys.Issue.Issued;
import java.time.Duration;
import java.util.Set;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Issues, rotates and revokes keys of one owner after the other until it is killed, and says each time what it has done. Arguments: JDBC URL, a
 * name for the owners.
 */
final class ApiKeyProcess {

  private ApiKeyProcess() {}

  public static void main(String[] args) {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(args[0]);
    ApiKeys keys = ApiKeys.builder("shop", JdbcApiKeyStore.of(database)).build();
    for (int i = 0; ; i++) {
      String owner = args[1] + "-" + i;
      Issued first = (Issued) keys.issue(owner, Set.of("orders:read"), Duration.ofDays(90));
      System.out.println("issued " + first.key().id() + " " + first.value());
      Issued second = (Issued) keys.rotate(first.key().id(), Duration.ofHours(1));
      System.out.println("issued " + second.key().id() + " " + second.value());
      if (keys.revoke(first.key().id())) {
        System.out.println("revoked " + first.key().id() + " " + first.value());
      }
    }
  }
}
