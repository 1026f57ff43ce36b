package dev.msk.saga;

import dev.msk.saga.internal.SagaShape;

/** Definitions as the engine sees them, for its own tests. */
public final class Shapes {

  private Shapes() {}

  public static SagaShape<?> of(SagaDefinition<?> definition) {
    return definition.shape();
  }
}
