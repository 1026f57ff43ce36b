package dev.msk.localservers.junit;

import dev.msk.localservers.ConsulServer;
import dev.msk.localservers.DnsServer;
import dev.msk.localservers.ElasticsearchServer;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.KeycloakServer;
import dev.msk.localservers.LocalServer;
import dev.msk.localservers.MariaDbServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.RabbitMqServer;
import dev.msk.localservers.RedisServer;
import dev.msk.localservers.SqsServer;
import dev.msk.localservers.ZipkinServer;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * One {@link PostgresServer}, {@link KafkaServer}, {@link RedisServer}, {@link EurekaServer}, {@link ConsulServer}, {@link DnsServer},
 * {@link RabbitMqServer}, {@link SqsServer}, {@link KeycloakServer}, {@link MariaDbServer}, {@link ZipkinServer} and {@link ElasticsearchServer} with defaults per run.
 *
 * <p>Each is started when the first parameter asks for it and closed at the end of the run. All test
 * classes share it: take a new database, topics of your own names, a prefix for your keys,
 * services and names in the DNS of your own. One that a
 * test left dead is restarted for the next parameter, one that it left paused is not noticed.
 *
 * <p>Keycloak, MariaDB, Zipkin and Elasticsearch are too heavy to be fetched unasked, and Consul and RabbitMQ are no Maven artifacts: a class or a test that wants
 * one where it {@linkplain KeycloakServer#missing() is} {@linkplain ConsulServer#missing() missing} is skipped, and a line on standard
 * error says so.
 */
public final class LocalServersExtension implements ParameterResolver, ExecutionCondition {
  private static final Map<Class<?>, Supplier<LocalServer>> STARTS = Map.ofEntries(
      Map.entry(PostgresServer.class, PostgresServer::start),
      Map.entry(KafkaServer.class, KafkaServer::start),
      Map.entry(RabbitMqServer.class, RabbitMqServer::start),
      Map.entry(RedisServer.class, RedisServer::start),
      Map.entry(EurekaServer.class, EurekaServer::start),
      Map.entry(ConsulServer.class, ConsulServer::start),
      Map.entry(DnsServer.class, DnsServer::start),
      Map.entry(SqsServer.class, SqsServer::start),
      Map.entry(KeycloakServer.class, KeycloakServer::start),
      Map.entry(MariaDbServer.class, MariaDbServer::start),
      Map.entry(ZipkinServer.class, ZipkinServer::start),
      Map.entry(ElasticsearchServer.class, ElasticsearchServer::start));

  /** Those that a machine may not have, and why it does not. */
  private static final Map<Class<?>, Supplier<Optional<String>>> MISSING = Map.of(
      ConsulServer.class, ConsulServer::missing,
      RabbitMqServer.class, RabbitMqServer::missing,
      KeycloakServer.class, KeycloakServer::missing,
      MariaDbServer.class, MariaDbServer::missing,
      ZipkinServer.class, ZipkinServer::missing,
      ElasticsearchServer.class, ElasticsearchServer::missing);

  /** For {@code @ExtendWith}. */
  public LocalServersExtension() {}

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<String> missing = missing(context.getRequiredTestClass(), context.getTestMethod());
    missing.ifPresent(why -> System.err.println(
        "SKIPPED " + context.getRequiredTestClass().getSimpleName() + ": " + why));
    return missing
        .map(ConditionEvaluationResult::disabled)
        .orElseGet(() -> ConditionEvaluationResult.enabled("nothing is missing"));
  }

  /** What a test needs and is not there; without a method, what all tests of the class need. */
  static Optional<String> missing(Class<?> type, Optional<Method> test) {
    Stream<Executable> members = test.map(method -> Stream.<Executable>of(method))
        .orElseGet(() -> Stream.of(type.getDeclaredConstructors(), type.getDeclaredMethods())
            .flatMap(Stream::<Executable>of)
            .filter(member -> !AnnotationSupport.isAnnotated(member, Testable.class)));
    return members
        .flatMap(member -> Stream.of(member.getParameterTypes()))
        .distinct()
        .filter(MISSING::containsKey)
        .flatMap(wanted -> MISSING.get(wanted).get().stream())
        .findFirst();
  }

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
