package dev.msk.messaging.kafka;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FenceProducersOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/** Raises the epochs of transactional ids, so that the broker refuses the producers that have them. */
final class KafkaFence {

  private static final int TIMEOUT_MILLIS = 10_000;

  private KafkaFence() {}

  static void close(Map<String, Object> clientConfig, List<String> transactionalIds) {
    FenceProducersOptions options = new FenceProducersOptions().timeoutMs(TIMEOUT_MILLIS);
    try (Admin admin = Admin.create(clientConfig)) {
      admin
          .fenceProducers(transactionalIds, options)
          .all()
          .get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("fencing " + transactionalIds, e);
    }
  }
}
