package io.github.lowrank.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Readers on small and on bad bytes. */
class ReadersTest {
  @TempDir Path folder;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void labelledLines() throws IOException {
    Split.InMemory split =
        LabelledLines.parse(
            "f", bytes("1 a\u00a0b and\\/or\r\n0 \n1\n"), StandardCharsets.UTF_8, 2);
    assertThat(split.texts()).containsExactly("a\u00a0b and/or", "", "");
    assertThat(split.labels()).containsExactly(1, 0, 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 fine;no label | line 2: expected a class number in 0 .. 1 and a text, found 'no'",
        "2 x | line 1: expected a class number in 0 .. 1 and a text, found '2'",
        "1 a;;0 b | line 2: expected a class number in 0 .. 1 and a text, found ''"
      })
  void labelledLinesNameTheBadLine(String text, String message) {
    assertThatThrownBy(
            () ->
                LabelledLines.parse(
                    "f.txt", bytes(text.replace(';', '\n')), StandardCharsets.UTF_8, 2))
        .isInstanceOf(DatasetException.class)
        .hasMessage("f.txt, " + message);
  }

  @Test
  void whatIsQuotedFromAFileStaysOnTheLine() {
    assertThatThrownBy(() -> LabelledLines.parse("f", bytes("1\rx\n"), StandardCharsets.UTF_8, 2))
        .hasMessage("f, line 1: expected a class number in 0 .. 1 and a text, found '1 x'");
  }

  @Test
  void undecodableBytesAreNamed() {
    assertThatThrownBy(
            () ->
                LabelledLines.parse(
                    "f",
                    new byte[] {'1', ' ', 'a', '\n', '0', ' ', (byte) 0xe9, '\n'},
                    StandardCharsets.UTF_8,
                    2))
        .hasMessage("f, line 2: expected UTF-8, found byte 0xe9");
  }

  @Test
  void parallelLines() throws IOException {
    List<String> labels = List.of("x", "y");
    assertThat(ParallelLines.pair("t", List.of("a", "b"), "l", List.of("y", "x"), labels).labels())
        .containsExactly(1, 0);
    assertThatThrownBy(() -> ParallelLines.pair("t", List.of("a", "b"), "l", List.of("y"), labels))
        .hasMessage("t has 2 lines, but l has 1: expected a label for every text");
    assertThatThrownBy(() -> ParallelLines.pair("t", List.of("a"), "l", List.of("z"), labels))
        .hasMessage("l, line 1: expected one of the 2 labels of train, found 'z'");
  }

  private static final String SYNSET =
      "00001740 03 n 01 entity 0 000 | that which is; \"an example; here\"; or not  \n";

  @Test
  void glosses() throws IOException {
    Dataset d = WordNetGlosses.parse("f", bytes("  1 licence | text\n" + SYNSET));
    assertThat(d.train().size() + d.dev().size() + d.test().size()).isEqualTo(1);
    assertThat(
            Stream.of(Read.all(d.train()), Read.all(d.dev()), Read.all(d.test()))
                .flatMap(s -> s.texts().stream()))
        .containsExactly("that which is;  ; or not");
    assertThat(d.labels()).hasSize(26);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "00001740 03 n 01 entity no bar; expected a synset",
        "0000174 03 n | x; expected a synset",
        "00001740 02 n 01 | x; expected a noun file number in 03 .. 28, found '02'",
        "00001740 xx n 01 | x; expected a noun file number in 03 .. 28, found 'xx'"
      })
  void glossesNameTheBadLine(String line, String message) {
    assertThatThrownBy(() -> WordNetGlosses.parse("f", bytes(SYNSET + line + "\n")))
        .isInstanceOf(DatasetException.class)
        .hasMessageStartingWith("f, line 2: ")
        .hasMessageContaining(message);
  }

  @Test
  void missingAndChangedFilesAreNamed() throws IOException {
    DataRoot root = new DataRoot(folder);
    assertThatThrownBy(() -> Catalogue.sst2().load(root))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("stsa.binary.train does not exist")
        .hasMessageContaining("--data")
        .hasMessageContaining("https://");
    Files.createDirectories(folder.resolve("sst2"));
    Files.writeString(folder.resolve("sst2/stsa.binary.train"), "1 truncated");
    assertThatThrownBy(() -> Catalogue.sst2().load(root))
        .hasMessageContaining("truncated or another version?")
        .hasMessageContaining(
            "expected SHA-256 71c04bcc41291fa47454dd670df701b14ee9249156babeaac404cfe2c8d74338, found ");
  }
}
