package dev.msk.localservers.junit;

import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.LocalServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.RedisServer;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One {@link PostgresServer}, {@link KafkaServer}, {@link RedisServer} and {@link EurekaServer} with
 * defaults per run.
 *
 * <p>Each is started when the first parameter asks for it and closed at the end of the run. All test
 * classes share it: take a new database, topics of your own names, a prefix for your keys,
 * services of your own names. One that a
 * test left dead is restarted for the next parameter, one that it left paused is not noticed.
 */
public final class LocalServersExtension implements ParameterResolver {
  private static final Map<Class<?>, Supplier<LocalServer>> STARTS = Map.of(
      PostgresServer.class, PostgresServer::start,
      KafkaServer.class, KafkaServer::start,
      RedisServer.class, RedisServer::start,
      EurekaServer.class, EurekaServer::start);

  /** For {@code @ExtendWith}. */
  public LocalServersExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return STARTS.containsKey(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    LocalServer server = context
        .getRoot()
        .getStore(Namespace.create(LocalServersExtension.class))
        .computeIfAbsent(type, key -> STARTS.get(key).get(), LocalServer.class);
    synchronized (server) {
      if (!server.isAlive()) {
        server.restart();
      }
    }
    return server;
  }
}
