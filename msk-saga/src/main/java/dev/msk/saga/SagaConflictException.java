package dev.msk.saga;

import java.util.UUID;

/** An operator asked for what a saga cannot do where it is, or somebody else moved it at the same time: look again. */
public final class SagaConflictException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Of the saga. */
  private final UUID id;
  /** Of the saga. */
  private final SagaStatus status;

  /**
   * Creates one.
   *
   * @param message what was asked and what was expected
   * @param id of the saga
   * @param status where it was
   */
  public SagaConflictException(String message, UUID id, SagaStatus status) {
    super(message);
    this.id = id;
    this.status = status;
  }

  /**
   * Which saga.
   *
   * @return its id
   */
  public UUID id() {
    return id;
  }

  /**
   * Where it was.
   *
   * @return its status when it was asked
   */
  public SagaStatus status() {
    return status;
  }
}
