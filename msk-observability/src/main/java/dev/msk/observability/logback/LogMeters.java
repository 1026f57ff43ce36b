package dev.msk.observability.logback;

import static java.util.Objects.requireNonNull;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import dev.msk.core.spi.OptionalDependency;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/**
 * How many log lines were dropped: counter {@code msk.log.lines.dropped}, tag {@code appender}, of each {@link CountingAsyncAppender} that
 * Logback has when it is bound. After a reconfiguration, which makes other appenders, each name counts from zero again.
 */
public final class LogMeters {

  private LogMeters() {}

  /**
   * Registers the counters.
   *
   * @param registry where to
   * @return the names of the appenders that are counted; none means that nothing can be
   * @throws dev.msk.core.MissingDependencyException without logback-classic
   * @throws IllegalStateException if SLF4J logs by something else
   */
  public static Set<String> bindTo(MeterRegistry registry) {
    requireNonNull(registry, "registry");
    OptionalDependency.of(LogMeters.class, "logback", "ch.qos.logback.classic.LoggerContext")
        .require("Counter of dropped log lines");
    ILoggerFactory loggers = LoggerFactory.getILoggerFactory();
    if (!(loggers instanceof LoggerContext context)) {
      throw new IllegalStateException(
          "SLF4J: logs by " + loggers.getClass().getName() + " (expected: Logback)");
    }
    return bindTo(registry, context);
  }

  static Set<String> bindTo(MeterRegistry registry, LoggerContext context) {
    Set<String> names = new TreeSet<>();
    for (CountingAsyncAppender appender : appenders(context)) {
      String name = name(appender);
      if (names.add(name)) {
        FunctionCounter.builder("msk.log.lines.dropped", context, all -> dropped(all, name))
            .description("Log lines that an asynchronous appender had no room for")
            .tag("appender", name)
            .register(registry);
      }
    }
    return names;
  }

  private static double dropped(LoggerContext context, String name) {
    return appenders(context).stream()
        .filter(appender -> name(appender).equals(name))
        .mapToLong(CountingAsyncAppender::dropped)
        .sum();
  }

  /** Each once, also if several loggers have it. */
  private static Set<CountingAsyncAppender> appenders(LoggerContext context) {
    Set<CountingAsyncAppender> found = new LinkedHashSet<>();
    for (Logger logger : context.getLoggerList()) {
      Iterator<Appender<ILoggingEvent>> appenders = logger.iteratorForAppenders();
      while (appenders.hasNext()) {
        if (appenders.next() instanceof CountingAsyncAppender counting) {
          found.add(counting);
        }
      }
    }
    return found;
  }

  private static String name(CountingAsyncAppender appender) {
    String name = appender.getName();
    return name == null ? "" : name;
  }
}
