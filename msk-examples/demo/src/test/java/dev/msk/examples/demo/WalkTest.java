package dev.msk.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The lines that the README's walk names are those of the methods that it names. */
class WalkTest {

  private static final Path EXAMPLES = Path.of("..");
  private static final Pattern LINK =
      Pattern.compile("\\[`(\\w+)\\.(\\w+)`]\\(([\\w./-]+)#L(\\d+)-L(\\d+)\\)");

  @Test
  void namedLines_holdTheNamedMethods() throws IOException {
    List<MatchResult> links =
        LINK.matcher(Files.readString(EXAMPLES.resolve("README.md"))).results().toList();

    assertThat(links).hasSizeGreaterThan(15);
    assertThat(links).allSatisfy(link -> {
      List<String> lines = Files.readAllLines(EXAMPLES.resolve(link.group(3)));
      int first = Integer.parseInt(link.group(4));
      int last = Integer.parseInt(link.group(5));
      assertThat(link.group(3)).endsWith("/" + link.group(1) + ".java");
      assertThat(lines.get(first - 1)).as(link.group()).contains(" " + link.group(2) + "(");
      assertThat(lines.get(last - 1)).as(link.group()).isEqualTo("  }");
      assertThat(lines.subList(first, last - 1)).as(link.group()).doesNotContain("  }");
    });
  }
}
