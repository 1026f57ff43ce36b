package dev.msk.core.testing;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps the Java of Markdown files equal to Java that is compiled.
 *
 * <p>In the Java source, a line {@code // snippet: name} begins a region and a line {@code // end} ends it; the region's common
 * indentation does not count. In the Markdown file, a line {@code <!-- snippet: name -->} right before a {@code java} block
 * names the region that the block must equal. A {@code java} block without a name fails, so that none goes unchecked; a piece
 * that cannot be compiled is marked with another language. Immutable.
 */
public final class ReadmeSnippets {

  private static final Pattern REGION = Pattern.compile("\\s*// snippet: (\\S+)\\s*");
  private static final Pattern REGION_END = Pattern.compile("\\s*// end\\s*");
  private static final Pattern NAMED = Pattern.compile("<!-- snippet: (\\S+) -->\\s*");
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\\b.*");

  private final Path source;
  private final Map<String, String> regions;

  private ReadmeSnippets(Path source, Map<String, String> regions) {
    this.source = source;
    this.regions = regions;
  }

  /**
   * Reads the regions of a Java source.
   *
   * @param javaSource the file, for example {@code src/test/java/dev/msk/core/Snippets.java}
   * @return its regions
   * @throws AssertionError if a region has no end, or two have one name
   * @throws UncheckedIOException if the file cannot be read
   */
  public static ReadmeSnippets of(Path javaSource) {
    Map<String, String> regions = new LinkedHashMap<>();
    List<String> lines = lines(requireNonNull(javaSource, "javaSource"));
    for (int i = 0; i < lines.size(); i++) {
      Matcher region = REGION.matcher(lines.get(i));
      if (region.matches()) {
        int end = i + 1;
        while (end < lines.size() && !REGION_END.matcher(lines.get(end)).matches()) {
          end++;
        }
        if (end == lines.size()) {
          throw new AssertionError(javaSource + ":" + (i + 1) + ": region without // end");
        }
        String text = String.join("\n", lines.subList(i + 1, end)).stripIndent().stripTrailing();
        if (regions.put(region.group(1), text) != null) {
          throw new AssertionError(
              javaSource + ":" + (i + 1) + ": second region named " + region.group(1));
        }
        i = end;
      }
    }
    return new ReadmeSnippets(javaSource, regions);
  }

  /**
   * Compares every Java block of Markdown files with its region.
   *
   * @param markdown the files
   * @throws AssertionError if a block differs, has no name, or names no region; it tells all of them
   * @throws UncheckedIOException if a file cannot be read
   */
  public void verify(Path... markdown) {
    List<String> faults = new ArrayList<>();
    for (Path file : markdown) {
      verify(file, faults);
    }
    if (!faults.isEmpty()) {
      throw new AssertionError(String.join("\n\n", faults));
    }
  }

  private void verify(Path file, List<String> faults) {
    List<String> lines = lines(file);
    for (int i = 0; i < lines.size(); i++) {
      if (!JAVA_BLOCK.matcher(lines.get(i)).matches()) {
        continue;
      }
      String place = file + ":" + (i + 1);
      Matcher named = NAMED.matcher(i == 0 ? "" : lines.get(i - 1));
      int end = i + 1;
      while (end < lines.size() && !lines.get(end).startsWith("```")) {
        end++;
      }
      String block = String.join("\n", lines.subList(i + 1, end)).stripTrailing();
      i = end;
      if (!named.matches()) {
        faults.add(place + ": java block without <!-- snippet: name --> on the line before");
        continue;
      }
      String region = regions.get(named.group(1));
      if (region == null) {
        faults.add(place + ": snippet: " + named.group(1) + " (expected: one of " + regions.keySet()
            + " in " + source + ")");
      } else if (!region.equals(block)) {
        faults.add(place + ": snippet " + named.group(1) + " differs from " + source
            + "\n--- expected\n" + region + "\n--- found\n" + block);
      }
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
