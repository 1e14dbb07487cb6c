package io.github.lowrank.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.CodedOutputStream;
import io.github.lowrank.Eval;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordVectorsTest {
  private static final Vocabulary VOCABULARY =
      Vocabulary.of(List.<String[]>of(new String[] {"the", "cat", "zzz"}));

  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("v.txt"), text);
  }

  private static WordVectors read(Path path) throws IOException {
    return VectorFile.read(path, Optional.empty(), VOCABULARY);
  }

  /** word2vec's binary layout, with the line break that its own tool writes after each vector. */
  private static byte[] binary(int announced, String... words) {
    ByteBuffer bytes = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((announced + " 20\n").getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < words.length; i++) {
      bytes.put((words[i] + " ").getBytes(StandardCharsets.UTF_8));
      for (int j = 0; j < 20; j++) {
        bytes.putFloat(words[i].equals("nan") ? Float.NaN : i + j / 16f);
      }
      bytes.put((byte) '\n');
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  @Test
  void readsWord2vecBinary() throws IOException {
    Path file = Files.write(folder.resolve("v.bin"), binary(3, "the", "naïve", "cat"));
    WordVectors vectors = read(file);
    assertThat(vectors.dimension()).isEqualTo(20);
    assertThat(vectors.vector("the")[3]).isEqualTo(3 / 16f);
    assertThat(vectors.vector("cat")[19]).isEqualTo(2 + 19 / 16f);
    assertThat(vectors.vector("naïve")).as("not in the vocabulary").isNull();

    Files.write(file, binary(4, "the", "cat"));
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("v.bin: expected 4 words, as its first line says")
        .hasMessageContaining("the end in word 3 (truncated?)");
    Files.write(file, binary(1, "the", "cat"));
    assertThatThrownBy(() -> read(file)).hasMessageContaining("found more bytes after them");
    Path notFinite = Files.write(folder.resolve("nan.bin"), binary(2, "the", "nan"));
    assertThatThrownBy(
            () ->
                VectorFile.read(
                    notFinite,
                    Optional.empty(),
                    Vocabulary.of(List.<String[]>of(new String[] {"nan"}))))
        .hasMessageContaining("word 2 (nan): expected finite numbers, found NaN");
  }

  @Test
  void pairsHaveTheMeanOfTheirWords() throws IOException {
    String[] words = {"not", "good", "rare"};
    Vocabulary vocabulary =
        Vocabulary.withPairs(
            List.<String[]>of(words), List.<String[]>of(words, new String[] {"good", "not"}), 9, 1);
    WordVectors vectors =
        VectorFile.read(file("not 1 4\ngood 3 0\ngood not 7 7\n"), Optional.empty(), vocabulary);
    WordVectors.Table table = vectors.table(vocabulary, 1);
    assertThat(vocabulary.words())
        .containsExactly("", "good", "good not", "good rare", "not", "not good", "rare");
    assertThat(table.values().row(5)).containsExactly(2, 2);
    assertThat(table.values().row(2)).as("a vector of its own").containsExactly(7, 7);
    assertThat(table.coverage()).isEqualTo(4 / 6.0);
  }

  @Test
  void messagesNameFileAndLine() throws IOException {
    for (String header :
        List.of("500 2147483647", "500 99999999999", "500 0", "9".repeat(20) + " 3")) {
      assertThatThrownBy(() -> read(file(header + "\nthe 1 2\n")))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining(
              "v.txt, line 1: expected a number of words and a dimension of 1 to 100000, found '"
                  + header);
    }
    assertThatThrownBy(() -> read(file("cat 1 2\nthe 1e30 2\n")))
        .hasMessageContaining("v.txt, line 2: expected numbers of at most 1e6, found 1e30");
    assertThat(read(file("\uFEFFthe 1 2\n")).vector("the")).containsExactly(1, 2);
    assertThatThrownBy(() -> read(file("the 1 2\n" + "x".repeat((1 << 24) + 1))))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("v.txt, line 2: expected a line of at most 16777216 characters");
    Path cut = Files.write(folder.resolve("v.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
    assertThatThrownBy(() -> read(cut))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("v.gz: expected a whole gzip file, found the end in its header");
    assertThatThrownBy(() -> read(file("the 1 2\nthe\u0085 1\n")))
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
  }

  @Test
  void archivesThatEndEarlyAreNamed() throws IOException {
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(binary(2, "the", "cat"));
    }
    for (int length = 3; length < gzip.size(); length++) {
      Path cut = Files.write(folder.resolve("v.gz"), Arrays.copyOf(gzip.toByteArray(), length));
      assertThatThrownBy(() -> read(cut))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining(cut.toString());
    }
  }

  @Test
  void readsEntriesOfZipFiles() throws IOException {
    Path file = folder.resolve("v.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("two.txt"));
      zip.write("the 1 2\n".getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("words.bin"));
      zip.write(binary(1, "cat"));
    }
    assertThat(VectorFile.read(file, Optional.of("two.txt"), VOCABULARY).vector("the"))
        .containsExactly(1, 2);
    assertThat(VectorFile.read(file, Optional.of("words.bin"), VOCABULARY).dimension())
        .isEqualTo(20);
    assertThatThrownBy(() -> read(file))
        .hasMessageContaining("v.zip: expected one file in it")
        .hasMessageContaining("v.zip#NAME, found [two.txt, words.bin]");
    assertThatThrownBy(() -> VectorFile.read(file, Optional.of("three"), VOCABULARY))
        .hasMessageContaining("expected a file three in it");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("expected a whole gzip or zip file");
  }

  @Test
  void readsTextPlainAndGzipWithAndWithoutHeader() throws IOException {
    String lines = "the .5 -1\nthis 7 7\ncat 1e-1 2\nthe 9 9\n";
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(("4 2\n" + lines).getBytes(StandardCharsets.UTF_8));
    }
    Path zipped = Files.write(folder.resolve("v.gz"), gzip.toByteArray());
    for (Path path : List.of(file(lines), zipped)) {
      WordVectors vectors = read(path);
      assertThat(vectors.dimension()).isEqualTo(2);
      assertThat(vectors.vector("the")).containsExactly(.5f, -1);
      assertThat(vectors.vector("cat")).containsExactly(.1f, 2);
      assertThat(vectors.vector("zzz")).isNull();
      WordVectors.Table table = vectors.table(VOCABULARY, 1);
      assertThat(table.coverage()).isCloseTo(2 / 3.0, within(1e-9));
      assertThat(Arrays.copyOf(table.values().values(), 2)).containsExactly(0, 0);
      assertThat(table.values().get(VOCABULARY.id("the"), 1)).isEqualTo(-1);
      assertThat(table.values().get(VOCABULARY.id("zzz"), 0)).isNotZero();
      assertThat(vectors.table(VOCABULARY, 1).values().values())
          .containsExactly(table.values().values());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "the 1 2;cat 1 2 3 | line 2: expected 2 numbers, found 3 numbers",
        "the 1 2;cat 1 | line 2: expected a word and 2 numbers, found 1 numbers",
        "the 1 NaN | line 1: expected finite numbers, found NaN",
        "the 1 2;cat 1 x | line 2: expected a number, found 'x'",
        "the | line 1: expected a word and its numbers",
        "5 2;the 1 2 | expected 5 words, as its first line says, found 1 (truncated?)"
      })
  void namesTheBadLine(String text, String message) throws IOException {
    Path path = file(text.replace(';', '\n'));
    assertThatThrownBy(() -> read(path))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("v.txt")
        .hasMessageContaining(message);
  }

  @Test
  void refusesOtherBytes() throws IOException {
    Path latin =
        Files.write(folder.resolve("v.txt"), new byte[] {'c', (byte) 0xe7, ' ', '1', '\n'});
    assertThatThrownBy(() -> read(latin)).hasMessageContaining("expected UTF-8");
    Path empty = file("");
    assertThatThrownBy(() -> read(empty)).hasMessageContaining("found an empty file");
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      for (int i = 0; i < 20000; i++) {
        out.write(("w" + i + " " + i + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    Path cut =
        Files.write(folder.resolve("cut.gz"), Arrays.copyOf(gzip.toByteArray(), gzip.size() / 2));
    assertThatThrownBy(() -> read(cut)).hasMessageContaining("truncated gzip or zip");
  }

  private static byte[] message(CheckedConsumer body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    body.accept(out);
    out.flush();
    return bytes.toByteArray();
  }

  private interface CheckedConsumer {
    void accept(CodedOutputStream out) throws IOException;
  }

  private static byte[] onnx(String name, float[] values, int rows, int columns)
      throws IOException {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    byte[] other = message(o -> o.writeString(8, "other"));
    byte[] tensor =
        message(
            o -> {
              o.writeInt64(1, rows);
              o.writeInt64(1, columns);
              o.writeInt32(2, 1);
              o.writeString(8, name);
              o.writeByteArray(9, raw.array());
            });
    byte[] graph =
        message(
            o -> {
              o.writeString(2, "graph");
              o.writeByteArray(5, other);
              o.writeByteArray(5, tensor);
            });
    return message(
        o -> {
          o.writeInt64(1, 8);
          o.writeByteArray(7, graph);
        });
  }

  private static final String JSON =
      "{\"model\":{\"vocab\":{\"[UNK]\":0,\"cat\":1,\"##s\":2,\"ca\":3}}}";

  private static WordPieceVectors pieces(byte[] onnx, String json, int dimension)
      throws IOException {
    return WordPieceVectors.read(
        "model",
        new ByteArrayInputStream(onnx),
        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
        dimension);
  }

  @Test
  void wordPiecesAverage() throws IOException {
    String name = "embeddings.word_embeddings.weight";
    WordPieceVectors v = pieces(onnx(name, Eval.random(12, 3), 4, 3), JSON, 3);
    float[] cat = v.vector("cat");
    float[] s = v.vector("cats");
    // cats = cat + ##s, the longest match first; ca is never used.
    float[] x = v.vector("ca");
    assertThat(cat).hasSize(3).isNotEqualTo(x);
    float[] unknown = v.vector("dog");
    assertThat(unknown).containsExactly(v.vector("[UNK]"));
    double mean = 0;
    for (int i = 0; i < 3; i++) {
      mean += Math.abs(s[i] - cat[i] / 2);
    }
    assertThat(mean).isPositive();
    assertThat(v.variance()).isCloseTo(1, within(1e-6));
    assertThat(pieces(onnx(name, Eval.random(12, 3), 4, 3), JSON, 1).variance())
        .isBetween(0.3, 0.999);
  }

  @Test
  void namesWhatIsWrongWithAModel() throws IOException {
    String name = "embeddings.word_embeddings.weight";
    byte[] good = onnx(name, Eval.random(12, 3), 4, 3);
    assertThatThrownBy(() -> pieces(onnx("x", Eval.random(12, 3), 4, 3), JSON, 2))
        .hasMessageContaining("expected the initializer " + name);
    assertThatThrownBy(() -> pieces(onnx(name, Eval.random(12, 3), 5, 3), JSON, 2))
        .hasMessageContaining("a matrix of raw floats");
    assertThatThrownBy(
            () -> pieces(onnx(name, Eval.random(12, 3), 4, 3), JSON.replace(",\"ca\":3", ""), 2))
        .hasMessageContaining("expected 4 word pieces, found 3");
    assertThatThrownBy(() -> pieces(Arrays.copyOf(good, good.length - 7), JSON, 2))
        .hasMessageContaining("expected an ONNX model");
    assertThatThrownBy(() -> pieces(good, JSON, 4)).hasMessageContaining("3 dimensions");
    assertThatThrownBy(() -> pieces(good, JSON.replace(":3", ":22"), 2))
        .hasMessageContaining("'ca': expected a number below 4, found 22");
  }
}
