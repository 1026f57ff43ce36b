package dev.msk.observability.internal;

import dev.msk.core.spi.OptionalDependency;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** YAML 1.2 as maps, lists, texts and numbers. */
public final class YamlText {

  private YamlText() {}

  /**
   * Writes blocks, keys in their order, long lines whole.
   *
   * @param document maps, lists, texts, numbers
   * @return the text
   */
  public static String write(Object document) {
    requireLibrary();
    return Engine.write(document);
  }

  /**
   * Reads one document; no tags, at most a million characters, no key twice.
   *
   * @param text the document
   * @param name of it, for messages
   * @return maps, lists, texts, numbers, booleans, or null where it is empty
   * @throws IllegalArgumentException if it is no YAML; says where
   */
  public static @Nullable Object read(String text, String name) {
    requireLibrary();
    return Engine.read(text, name);
  }

  private static void requireLibrary() {
    OptionalDependency.of(YamlText.class, "yaml", "org.snakeyaml.engine.v2.api.Dump")
        .require("YAML of rules and objectives");
  }

  /** What names classes of the library, so that they are looked for after it was seen that they are there. */
  private static final class Engine {

    private static final int MAX_CHARACTERS = 1 << 20;

    static String write(Object document) {
      return new Dump(DumpSettings.builder()
              .setDefaultFlowStyle(FlowStyle.BLOCK)
              .setSplitLines(false)
              .build())
          .dumpToString(document);
    }

    static @Nullable Object read(String text, String name) {
      LoadSettings settings = LoadSettings.builder()
          .setLabel(name)
          .setAllowDuplicateKeys(false)
          .setMaxAliasesForCollections(10)
          .setCodePointLimit(MAX_CHARACTERS)
          .build();
      try {
        return new Load(settings).loadFromString(text);
      } catch (YamlEngineException e) {
        throw new IllegalArgumentException(
            name + ": " + e.getMessage() + " (expected: one document of YAML)", e);
      }
    }
  }
}
