package dev.msk.core.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.msk.core.spi.OptionalDependency;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** Without Resilience4j everything works but breakers, and these say what to add. */
class MissingBreakerTest {

  @Test
  void policyWithoutBreakers_works_andBreakersNameWhatToAdd() throws Exception {
    URL[] withoutResilience4j = {codeOf(CallPolicy.class), codeOf(Logger.class)};
    try (URLClassLoader loader =
        new URLClassLoader(withoutResilience4j, ClassLoader.getPlatformClassLoader())) {
      Class<?> policies = loader.loadClass(CallPolicy.class.getName());
      Class<?> specs = loader.loadClass(CircuitBreakerSpec.class.getName());
      Object builder = policies.getMethod("builder", String.class).invoke(null, "orders");
      Object calls =
          loader.loadClass(CallSpec.class.getName()).getMethod("once").invoke(null);

      Object policy = builder.getClass().getMethod("build").invoke(builder);
      Object attempt = policies.getMethod("acquire", calls.getClass()).invoke(policy, calls);
      Object verdict =
          attempt.getClass().getMethod("tryInstance", String.class).invoke(attempt, "10.0.0.1:80");
      builder
          .getClass()
          .getMethod("circuitBreaker", specs)
          .invoke(builder, specs.getMethod("defaults").invoke(null));
      Throwable failure =
          catchThrowable(() -> builder.getClass().getMethod("build").invoke(builder));

      assertThat(verdict).isEqualTo(true);
      assertThat(failure).isInstanceOf(InvocationTargetException.class);
      assertThat(failure.getCause())
          .hasToString(
              "dev.msk.core.MissingDependencyException: CallPolicy's circuit breaker needs "
                  + OptionalDependency.of(CallPolicy.class, "resilience4j-circuitbreaker", "x")
                      .coordinates()
                  + " on the class path; add it to your dependencies");
    }
  }

  private static URL codeOf(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
