package dev.msk.core.jakarta;

import com.arjuna.ats.arjuna.common.arjPropertyManager;
import com.arjuna.ats.internal.arjuna.objectstore.VolatileStore;
import com.arjuna.ats.internal.jta.transaction.arjunacore.TransactionSynchronizationRegistryImple;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.AgroalDataSourceListener;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.narayana.NarayanaTransactionIntegration;
import jakarta.transaction.TransactionManager;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Narayana, and an Agroal pool of two whose connections join its transactions. */
final class AgroalDatabase implements AutoCloseable {

  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final TransactionManager manager;
  private final TransactionSynchronizationRegistry registry =
      new TransactionSynchronizationRegistryImple();
  private final AgroalDataSource pool;

  AgroalDatabase(String url) {
    arjPropertyManager
        .getObjectStoreEnvironmentBean()
        .setObjectStoreType(VolatileStore.class.getName());
    manager = com.arjuna.ats.jta.TransactionManager.transactionManager();
    try {
      pool = AgroalDataSource.from(
          new AgroalDataSourceConfigurationSupplier()
              .metricsEnabled()
              .connectionPoolConfiguration(connections -> connections
                  .maxSize(2)
                  .transactionIntegration(new NarayanaTransactionIntegration(manager, registry))
                  .connectionFactoryConfiguration(factory -> factory.jdbcUrl(url))),
          new AgroalDataSourceListener() {
            @Override
            public void onWarning(String warning) {
              warnings.add(warning);
            }
          });
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  TransactionManager manager() {
    return manager;
  }

  TransactionSynchronizationRegistry registry() {
    return registry;
  }

  AgroalDataSource pool() {
    return pool;
  }

  /** What the pool complained of since the last call. */
  List<String> warnings() {
    List<String> all = List.copyOf(warnings);
    warnings.clear();
    return all;
  }

  @Override
  public void close() {
    pool.close();
  }
}
