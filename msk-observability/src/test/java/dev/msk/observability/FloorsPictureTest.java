package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The picture of the floors in the documents is the one that the module descriptors draw. */
final class FloorsPictureTest {

  private static final String HOUSE = "dev.msk.";
  private static final Path DOCUMENT = Path.of("../msk-core/docs/architecture.md");

  @Test
  void pictureInTheDocument_isThatOfTheDescriptors() throws IOException {
    assertThat(Files.readString(DOCUMENT)).contains("```mermaid\n" + picture() + "```\n");
  }

  /** Dotted arrows: works without it. */
  private static String picture() {
    return descriptors().stream()
        .flatMap(module -> module.requires().stream()
            .filter(required -> required.name().startsWith(HOUSE))
            .sorted()
            .map(required -> "  " + shortName(module.name())
                + (required.modifiers().contains(Requires.Modifier.STATIC) ? " -.-> " : " --> ")
                + shortName(required.name())
                + "\n"))
        .collect(Collectors.joining("", "graph TD\n", ""));
  }

  private static List<ModuleDescriptor> descriptors() {
    Path[] classes = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> entry.contains("msk-") && !entry.contains("test-classes"))
        .map(Path::of)
        .toArray(Path[]::new);
    return ModuleFinder.of(classes).findAll().stream()
        .map(ModuleReference::descriptor)
        .filter(module -> module.name().startsWith(HOUSE))
        .sorted(Comparator.comparing(ModuleDescriptor::name))
        .toList();
  }

  private static String shortName(String module) {
    return module.substring(HOUSE.length());
  }
}
