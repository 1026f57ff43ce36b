package dev.msk.core.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import org.postgresql.ds.PGSimpleDataSource;

/** Gives one connection again and again and does not close it, as a pool of one would that hides the driver. */
final class UnclosedDataSource extends PGSimpleDataSource {

  private static final long serialVersionUID = 1L;

  private final transient Connection pooled;

  UnclosedDataSource(Connection pooled) {
    this.pooled = pooled;
  }

  @Override
  public Connection getConnection() {
    return (Connection) Proxy.newProxyInstance(
        UnclosedDataSource.class.getClassLoader(),
        new Class<?>[] {Connection.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("close")) {
            return null;
          }
          if (method.getName().equals("isWrapperFor")) {
            return false;
          }
          try {
            return method.invoke(pooled, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }
}
