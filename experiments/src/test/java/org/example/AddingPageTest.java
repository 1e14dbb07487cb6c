package org.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The code on the page about adding things is code of this package. */
class AddingPageTest {
  private static final Pattern CODE = Pattern.compile("(?s)```java\n(.*?)```");

  private static String sources(String module) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("..", module, "src/test/java/org/example"))) {
      return files.map(AddingPageTest::text).collect(Collectors.joining("\n"));
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String oneLine(String code) {
    return code.strip().replaceAll("\\s+", " ");
  }

  @Test
  void excerptsAreReal() throws IOException {
    String sources = oneLine(sources("framework") + sources("experiments"));
    String page = Files.readString(Path.of("..", "docs", "adding.md"));
    List<String> excerpts = CODE.matcher(page).results().map(r -> oneLine(r.group(1))).toList();
    assertThat(excerpts)
        .hasSize(11)
        .allSatisfy(excerpt -> assertThat(sources.contains(excerpt)).as(excerpt).isTrue());
  }
}
