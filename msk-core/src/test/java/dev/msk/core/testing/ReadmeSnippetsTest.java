package dev.msk.core.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeSnippetsTest {

  @TempDir
  Path folder;

  private Path source;
  private Path readme;

  @BeforeEach
  void write() throws IOException {
    readme = folder.resolve("README.md");
    source = Files.writeString(
        folder.resolve("Snippets.java"),
        "class Snippets {\n  // snippet: run\n  int a = 1;\n\n    int b = 2;\n  // end\n}\n");
  }

  @Test
  void verify_equalBlock_passes() throws IOException {
    Files.writeString(
        readme,
        "<!-- snippet: run -->\n```java\nint a = 1;\n\n  int b = 2;\n```\n\n```sql\nx\n```\n");

    ReadmeSnippets.of(source).verify(readme);
  }

  @Test
  void verify_otherBlock_showsBoth() throws IOException {
    Files.writeString(readme, "<!-- snippet: run -->\n```java\nint a = 7;\n```\n");

    assertThatThrownBy(() -> ReadmeSnippets.of(source).verify(readme))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("README.md:2: snippet run differs")
        .hasMessageContaining("int a = 1;")
        .hasMessageContaining("int a = 7;");
  }

  @Test
  void verify_blockWithoutNameOrRegion_fails() throws IOException {
    Files.writeString(
        readme, "```java\nint c;\n```\n<!-- snippet: gone -->\n```java\nint d;\n```\n");

    assertThatThrownBy(() -> ReadmeSnippets.of(source).verify(readme))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("README.md:1: java block without")
        .hasMessageContaining("README.md:5: snippet: gone (expected: one of [run]");
  }

  @Test
  void of_regionWithoutEnd_fails() throws IOException {
    Files.writeString(source, "// snippet: open\nint a;\n");

    assertThatThrownBy(() -> ReadmeSnippets.of(source))
        .hasMessageContaining("Snippets.java:1: region without // end");
  }
}
