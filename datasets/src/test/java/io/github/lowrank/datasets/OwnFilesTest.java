package io.github.lowrank.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnFilesTest {
  @TempDir Path folder;

  private List<LabelledFile.Example> read(String name, String content, String text, String label)
      throws IOException {
    Path file = Files.writeString(folder.resolve(name), content);
    return LabelledFile.read(file, new LabelledFile.Columns(text, label, StandardCharsets.UTF_8));
  }

  @Test
  void everyFormatGivesTheSameTexts() throws IOException {
    List<LabelledFile.Example> expected =
        List.of(
            new LabelledFile.Example("a, \"b\"\nc", "x,y"), new LabelledFile.Example("d é", "z"));
    assertThat(
            read(
                "f.csv",
                "\uFEFFid,label,text\r\n1,\"x,y\",\"a, \"\"b\"\"\nc\"\r\n2,z,d é\r\n",
                "text",
                "label"))
        .isEqualTo(expected);
    assertThat(read("g.csv", "1,\"x,y\",\"a, \"\"b\"\"\nc\"\n2,z,d é\n", "3", "2"))
        .isEqualTo(expected);
    assertThat(read("f.tsv", "t\tl\n\"a, \"\"b\"\"\nc\"\tx,y\nd é\tz\n", "t", "l"))
        .isEqualTo(expected);
    assertThat(
            read(
                "f.jsonl",
                "{\"t\":\"a, \\\"b\\\"\\nc\",\"l\":\"x,y\"}\n\n{\"l\":\"z\",\"t\":\"d é\"}\n",
                "t",
                "l"))
        .isEqualTo(expected);
    assertThat(read("f.txt", "__label__x,y a b\n__label__z\n", "text", "label"))
        .containsExactly(new LabelledFile.Example("a b", "x,y"), new LabelledFile.Example("", "z"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "f.csv | a,b;1,2; | line 1: expected a column 'text' (--text), found [a, b]",
        "f.csv | text,b;1,2; | line 1: expected a column 'label' (--label), found [text, b]",
        "f.csv | text,text;1,2; | line 1: expected column names that differ",
        "f.csv | text,label;only; | line 2: expected at least 2 columns, found 1",
        "f.csv | text,label;a,; | line 2: expected a label, found none",
        "f.csv | text,label; | expected labelled texts, found none",
        "f.csv | text,label;a,\"open; | expected well-formed CSV",
        "f.jsonl | {\"text\":1} | line 1: expected an object with the keys 'text' and 'label'",
        "f.jsonl | {nonsense | line 1: expected a JSON object",
        "f.csv | text,label;a, b,x; | line 2: expected 2 columns, as in the first line (quote texts that contain the separator), found 3",
        "f.jsonl | {'text':1,'label':2} {'text':3,'label':4} | line 1: expected one JSON object per line, found more after the first",
        "f.jsonl | {'text':1,'label':2,'text':3} | line 1: expected a JSON object, found Duplicate field 'text'",
        "f.txt | __label__a x;__label__a __label__ text | line 2: expected a label, found none",
        "f.jsonl | {'text':'a','label':['x',null]} | line 1: expected an object with the keys",
        "f.jsonl | {'text':'a','label':'\\ud800'} | line 1: expected a label of whole characters, found half of a surrogate pair",
        "f.txt | no label | line 1: expected __label__NAME and a text",
        "f.txt | __label__ x | line 1: expected __label__NAME and a text"
      })
  void badRecordsAreNamed(String name, String content, String message) {
    assertThatThrownBy(
            () -> read(name, content.replace(';', '\n').replace('\'', '"'), "text", "label"))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "f.csv, 'text,label\na,x\n', 3",
    "f.jsonl, '{\"text\":\"a\",\"label\":\"x\"}\r\n\r\n{\"text\":\"', 3",
    "f.txt, '__label__x a\r__label__x ', 2"
  })
  void endlessLinesAreRefused(String name, String before, int line) {
    String endless = before + "b".repeat(11_000_000);
    assertThatThrownBy(() -> read(name, endless, "text", "label"))
        .isInstanceOf(DatasetException.class)
        .hasMessage(
            "%s, line %d: expected a text of at most 10,000,000 characters, found more",
            folder.resolve(name), line);
  }

  @Test
  void endlessTextsAreRefused() throws IOException {
    String lines = ("b".repeat(999_999) + "\n").repeat(11);
    assertThatThrownBy(() -> read("f.csv", "text,label\n\"" + lines + "\",y\n", "text", "label"))
        .isInstanceOf(DatasetException.class)
        .hasMessageEndingWith(
            "f.csv, line 13: expected a text of at most 10,000,000 characters, found 11,000,000 (is a quote not closed?)");
    Path texts = Files.writeString(folder.resolve("texts"), lines.replace("\n", " "));
    assertThatThrownBy(() -> LabelledFile.texts(texts, "text"))
        .isInstanceOf(DatasetException.class)
        .hasMessage(
            "%s, line 1: expected a text of at most 10,000,000 characters, found more", texts);
    Files.writeString(texts, lines);
    assertThat(LabelledFile.texts(texts, "text")).hasSize(11);
  }

  @Test
  void spreadsheetsWithEmptyNamesAreRead() throws IOException {
    assertThat(read("s.csv", "text,label,,,\na,x,,,\n", "text", "label"))
        .containsExactly(new LabelledFile.Example("a", "x"));
    assertThat(read("s.jsonl", "{\"text\":\"a\\udc00\",\"label\":\"x\"}\n", "text", "label"))
        .as("half of a pair in a text")
        .containsExactly(new LabelledFile.Example("a\uFFFD", "x"));
    assertThatThrownBy(() -> read("s.csv", "a,x\n", "99999999999", "1"))
        .hasMessageContaining("s.csv, line 1: expected a column '99999999999' (--text)");
    assertThatThrownBy(
            () ->
                LabelledFile.read(
                    folder, new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8)))
        .isInstanceOf(DatasetException.class)
        .hasMessage(folder + " is a folder: expected a file of labelled texts");
    Path odd = Files.write(folder.resolve("odd.csv"), new byte[] {0, 't', 0});
    assertThatThrownBy(
            () ->
                LabelledFile.read(
                    odd, new LabelledFile.Columns("text", "label", StandardCharsets.UTF_16)))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("odd.csv")
        .hasMessageContaining("UTF-16");
  }

  @Test
  void equalTextsCannotBeHeldOut() throws IOException {
    OwnFiles equal = files("__label__a x\n__label__b x\n".repeat(50), Optional.empty());
    assertThatThrownBy(() -> equal.load(null))
        .hasMessageContaining(
            "train.txt: 100 texts, 1 of them different, are too few to hold out a share of 0.2: name a file with --dev");
  }

  @Test
  void otherEncodingsAreRefusedOrNamed() throws IOException {
    Path latin = folder.resolve("f.csv");
    Files.write(latin, "text,label\na,x\ncafé,y\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(
            () ->
                LabelledFile.read(
                    latin, new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8)))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("line 3: expected UTF-8, found byte 0xe9")
        .hasMessageContaining("--charset");
    assertThat(
            LabelledFile.read(
                    latin, new LabelledFile.Columns("text", "label", StandardCharsets.ISO_8859_1))
                .get(1))
        .isEqualTo(new LabelledFile.Example("café", "y"));
  }

  @Test
  void textsMayHaveAnyNumberOfLabels() throws IOException {
    List<LabelledFile.Example> expected =
        List.of(
            new LabelledFile.Example("a", List.of("x", "y")),
            new LabelledFile.Example("b", List.of("y")));
    assertThat(read("m.txt", "__label__x __label__y a\n__label__y __label__y b", "", ""))
        .isEqualTo(expected);
    assertThat(
            read(
                "m.jsonl",
                "{\"t\":\"a\",\"l\":[\"x\",\"y\"]}\n{\"t\":\"b\",\"l\":\"y\"}",
                "t",
                "l"))
        .isEqualTo(expected);
    Path csv = Files.writeString(folder.resolve("m.csv"), "t,l\na,x; y\nb,y\nc,\n");
    LabelledFile.Columns columns = new LabelledFile.Columns("t", "l", ";", StandardCharsets.UTF_8);
    assertThat(LabelledFile.read(csv, columns))
        .startsWith(expected.toArray(LabelledFile.Example[]::new))
        .endsWith(new LabelledFile.Example("c", List.of()));

    OwnFiles files =
        new OwnFiles(
            csv,
            Optional.of(Files.writeString(folder.resolve("d.csv"), "t,l\nd,z;x\n")),
            HoldOut.share(0.5),
            Optional.empty(),
            Optional.empty(),
            columns,
            Integer.MAX_VALUE);
    Dataset data = files.load(new DataRoot(folder));
    assertThat(data.labels()).containsExactly("x", "y");
    List<int[]> sets = new ArrayList<>();
    data.train().read((text, number) -> sets.add(data.sets().get(number)));
    data.dev().read((text, number) -> sets.add(data.sets().get(number)));
    assertThat(sets)
        .containsExactly(new int[] {0, 1}, new int[] {1}, new int[0], new int[] {-1, 0});
    assertThat(data.unknown()).singleElement().asString().contains("'z' (1)");
    Files.writeString(folder.resolve("d.csv"), "t,l\nd,\n");
    assertThatThrownBy(() -> files.load(new DataRoot(folder)))
        .hasMessageContaining("d.csv: expected a text with a label, found none");
    Files.writeString(csv, "t,l\na,x; y\nb,y\nc,x\n");
    assertThatThrownBy(() -> data.train().read((text, number) -> {}))
        .hasMessageContaining("changed while it was used: line 4 has other labels");
  }

  private OwnFiles files(String train, Optional<String> dev) throws IOException {
    return files(train, dev, HoldOut.share(0.2));
  }

  private OwnFiles files(String train, Optional<String> dev, HoldOut holdOut) throws IOException {
    Path trainFile = Files.writeString(folder.resolve("train.txt"), train);
    Optional<Path> devFile = Optional.empty();
    if (dev.isPresent()) {
      devFile = Optional.of(Files.writeString(folder.resolve("dev.txt"), dev.get()));
    }
    return new OwnFiles(
        trainFile,
        devFile,
        holdOut,
        Optional.empty(),
        Optional.empty(),
        new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8),
        Integer.MAX_VALUE);
  }

  @Test
  void splitsAreStableAndComplete() throws IOException {
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      many.append("__label__").append(i % 3).append(" text ").append(i).append('\n');
    }
    Dataset d = files(many.toString(), Optional.empty()).load(null);
    assertThat(d.train().size() + d.dev().size()).isEqualTo(500);
    assertThat(d.dev().size()).isBetween(60, 140);
    assertThat(d.labels()).containsExactly("0", "1", "2");
    assertThat(files(many.toString(), Optional.empty()).load(null).dev())
        .usingRecursiveComparison()
        .isEqualTo(d.dev());
  }

  /** The texts of the rule that was always used, computed without reading record by record. */
  @Test
  void splitsFollowTheHashOfTheText() throws IOException {
    StringBuilder many = new StringBuilder();
    List<String> held = new ArrayList<>();
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      String text = "text " + i % 400;
      many.append("__label__").append(i % 3).append(' ').append(text).append('\n');
      int hash = text.hashCode() * 0x9E3779B9;
      (Integer.remainderUnsigned(hash >>> 4, 1000) < 200 ? held : kept).add(text);
    }
    Dataset d = files(many.toString(), Optional.empty()).load(null);
    assertThat(Read.all(d.train()).texts()).isEqualTo(kept);
    assertThat(Read.all(d.dev()).texts()).isEqualTo(held);
    Dataset sameUpToTheLimit =
        files(many.toString(), Optional.empty(), new HoldOut(0.2, held.size())).load(null);
    assertThat(Read.all(sameUpToTheLimit.dev()).texts()).isEqualTo(held);

    Dataset limited = files(many.toString(), Optional.empty(), new HoldOut(0.2, 30)).load(null);
    List<String> some = Read.all(limited.dev()).texts();
    assertThat(some).hasSizeBetween(30, 31).isSubsetOf(held);
    assertThat(limited.train().size()).isEqualTo(500 - some.size());
    assertThat(Read.all(limited.train()).texts())
        .hasSize(500 - some.size())
        .doesNotContainAnyElementsOf(some);
  }

  @Test
  void filesThatChangeAreRefused() throws IOException {
    Dataset d = files("__label__a x\n__label__b y\n", Optional.of("__label__a z\n")).load(null);
    Files.writeString(folder.resolve("train.txt"), "__label__a x\n");
    assertThatThrownBy(() -> Read.all(d.train()))
        .isInstanceOf(DatasetException.class)
        .hasMessageEndingWith("train.txt changed while it was used: expected 2 texts, found 1");
  }

  @Test
  void classesAreChecked() throws IOException {
    OwnFiles one = files("__label__a x\n__label__a y\n", Optional.empty());
    assertThatThrownBy(() -> one.load(null))
        .hasMessageContaining("expected at least 2 classes, found only 'a'");
    OwnFiles unknown =
        files("__label__a x\n__label__b y\n", Optional.of("__label__a x\n__label__c y\n"));
    Dataset d = unknown.load(null);
    assertThat(Read.all(d.dev()).labels()).containsExactly(0, Split.UNKNOWN);
    assertThat(d.unknown())
        .singleElement()
        .asString()
        .endsWith(
            "dev.txt: 1 of 2 texts have a label that the training texts do not have: 'c' (1), first in line 2");
    OwnFiles other = files("__label__a x\n__label__b y\n", Optional.of("__label__c y\n"));
    assertThatThrownBy(() -> other.load(null))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(
            "dev.txt: expected labels of the training texts ('a', 'b'), found only 'c' (1)");
    OwnFiles few = files("__label__a x\n__label__b y\n", Optional.empty());
    assertThatThrownBy(() -> few.load(null)).hasMessageContaining("too few to hold out");
    assertThat(
            Read.all(
                    files("__label__a x\n__label__b y\n", Optional.of("__label__b x\n"))
                        .load(null)
                        .dev())
                .labels())
        .containsExactly(1);
  }
}
