package dev.msk.saga.spi;

/**
 * Which definition a saga follows.
 *
 * @param name shared by all versions
 * @param version from 1
 */
public record DefinitionId(String name, int version) {

  @Override
  public String toString() {
    return name + " v" + version;
  }
}
