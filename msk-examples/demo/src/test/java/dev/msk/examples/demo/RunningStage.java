package dev.msk.examples.demo;

import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives test classes the stage of the demo, with everything up: one for all of them. */
final class RunningStage implements ParameterResolver {

  private static final Namespace OURS = Namespace.create(RunningStage.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Stage.class;
  }

  @Override
  public Stage resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(OURS)
        .computeIfAbsent(
            Stage.class, type -> Stage.quiet(Path.of("").toAbsolutePath()), Stage.class);
  }
}
