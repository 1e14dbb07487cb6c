package io.github.lowrank.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path folder;

  private List<String> names(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aFailingWriterLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("sub/file");
    AtomicFiles.write(file, "old");
    RuntimeException failure = new IllegalStateException("no");
    assertThatThrownBy(
            () ->
                AtomicFiles.file(
                    file,
                    part -> {
                      Files.writeString(part, "half");
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThatThrownBy(
            () ->
                AtomicFiles.file(
                    file,
                    part -> {
                      throw new IOException("before the first byte");
                    }))
        .hasMessage("before the first byte");
    assertThat(file).hasContent("old");
    assertThat(names(file.getParent())).containsExactly("file");
    AtomicFiles.write(file, "new");
    assertThat(file).hasContent("new");
    assertThat(names(file.getParent())).containsExactly("file");
  }

  @Test
  void aFailingWriterLeavesTheOldFolder() throws IOException {
    Path target = folder.resolve("target");
    AtomicFiles.folder(target, part -> Files.writeString(part.resolve("a"), "old"));
    assertThatThrownBy(
            () ->
                AtomicFiles.folder(
                    target,
                    part -> {
                      Files.writeString(part.resolve("b"), "half");
                      throw new IOException("no");
                    }))
        .hasMessage("no");
    assertThat(names(folder)).containsExactly("target");
    assertThat(target.resolve("a")).hasContent("old");
    assertThat(target.resolve("b")).doesNotExist();
  }

  @Test
  void aFullDiskIsNamedWithTheFile() throws IOException {
    Path target = folder.resolve("full");
    assertThatThrownBy(
            () ->
                AtomicFiles.folder(
                    target,
                    part -> {
                      Files.writeString(part.resolve("half"), "half");
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(target + ": No space left on device (disk ")
        .hasMessageEndingWith(" bytes free)");
    assertThatThrownBy(
            () ->
                AtomicFiles.file(
                    target,
                    part -> {
                      throw new IllegalStateException("variables; Disk quota exceeded");
                    }))
        .as("as TensorFlow reports it")
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(target + ": Disk quota exceeded (disk ");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void replacesFoldersWhole() throws IOException {
    Path target = folder.resolve("target");
    AtomicFiles.folder(
        target,
        part -> {
          Files.writeString(part.resolve("a"), "old");
          Files.writeString(Files.createDirectories(part.resolve("deep/er")).resolve("b"), "old");
        });
    AtomicFiles.folder(target, part -> Files.writeString(part.resolve("c"), "new"));
    assertThat(names(target)).containsExactly("c");
    assertThat(names(folder)).containsExactly("target");
  }

  @Test
  void nobodySeesAFileBeforeItIsWhole() throws IOException {
    Path file = folder.resolve("file");
    AtomicFiles.file(
        file,
        part -> {
          Files.writeString(part, "x");
          assertThat(file).doesNotExist();
          assertThat(part.getFileName().toString()).startsWith(".file.").endsWith(AtomicFiles.PART);
        });
    assertThat(file).hasContent("x");
  }

  @Test
  void theChecksumSeesNamesSizesAndBytes() throws IOException {
    Set<String> sums = new HashSet<>();
    String[][] contents = {
      {"a=12", "b=3"},
      {"a=12", "b=4"},
      {"a=1", "b=23"},
      {"a=12", "c=3"},
      {"a=12", "sub/b=3"},
      {"a=12"},
      {"a=12", "b=3", "c="},
      {"a=21", "b=3"},
      {"b=12", "a=3"},
    };
    for (String[] files : contents) {
      Path some = folder.resolve("" + sums.size());
      for (String file : files) {
        String[] parts = file.split("=", -1);
        AtomicFiles.write(some.resolve(parts[0]), parts[1]);
      }
      assertThat(sums.add(AtomicFiles.checksum(some))).as(String.join(" ", files)).isTrue();
    }
    Path copy = folder.resolve("copy");
    AtomicFiles.copy(folder.resolve("0"), copy);
    assertThat(AtomicFiles.checksum(copy)).isEqualTo(AtomicFiles.checksum(folder.resolve("0")));
    assertThat(AtomicFiles.size(copy)).isEqualTo(3);
    assertThat(AtomicFiles.checksum(copy.resolve("a")))
        .isEqualTo(AtomicFiles.checksum("12".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        // echo -n 12 | sha256sum
        .isEqualTo("6b51d431df5d7f141cbececcf79edf3dd861c3b4069f0b11661a3eefacbba918");
  }

  @Test
  void deletesLinksAndNotWhatTheyNameAndMissesNothing() throws IOException {
    Path kept = Files.createDirectories(folder.resolve("kept"));
    Files.writeString(kept.resolve("file"), "precious");
    Path gone = Files.createDirectories(folder.resolve("gone/deep"));
    Files.writeString(gone.resolve("x"), "x");
    Files.createSymbolicLink(gone.resolve("link"), kept);
    Files.createSymbolicLink(gone.resolve("broken"), folder.resolve("nowhere"));
    AtomicFiles.delete(folder.resolve("gone"));
    assertThat(folder.resolve("gone")).doesNotExist();
    Path link = Files.createSymbolicLink(folder.resolve("link"), kept);
    AtomicFiles.delete(link);
    assertThat(Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThat(kept.resolve("file")).hasContent("precious");
    AtomicFiles.delete(folder.resolve("never"));
  }
}
