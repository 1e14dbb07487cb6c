package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.datasets.Utf8Lines;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.export.CompactFile;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.predictor.Predictor;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers of several threads: their order, their memory, and when they are written. */
@Timeout(100)
class CompactPredictionsTest {
  private static final int THREADS = 3;

  @TempDir static Path folder;
  private static Predictor predictor;

  @BeforeAll
  static void export() throws IOException {
    Vocabulary words = Vocabulary.of(List.<String[]>of(new String[] {"a", "funny", "dull"}));
    SavedModelWriter.write(
        new TextModel(
            Classifier.initial(
                new Dan(List.of(3), 0),
                new Softmax(),
                new Dense(Matrix.uniform(words.size(), 4, 1, new Random(1))),
                2,
                1),
            Tokenizer.WORDS,
            words,
            List.of("b\tad", "good"),
            List.of(0.5, 0.5),
            40),
        folder.resolve("model"));
    CompactFile.write(
        folder.resolve("model"), folder.resolve("model.lrk"), CompactFile.EXACT, false);
    predictor = Predictor.load(folder.resolve("model.lrk"));
  }

  private static CompactPredictions predictions(PrintWriter out) {
    return new CompactPredictions(predictor, out, THREADS);
  }

  private static Utf8Lines lines(byte[] utf8, boolean strict) {
    return new Utf8Lines("x", new ByteArrayInputStream(utf8), strict);
  }

  private static String line(String text) {
    Predictor.Prediction answer = predictor.predict(text);
    return String.format(
        Locale.ROOT,
        "%s\t%.4f\t%s\n",
        answer.label().replace("\t", "\\t"),
        answer.probability(),
        text);
  }

  @Test
  void answersAreInTheOrderOfTheLines() throws IOException {
    Random random = new Random(1);
    StringBuilder texts = new StringBuilder();
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 50_000; i++) {
      String text = List.of("a", "funny", "dull a", "caf\u00e9 funny").get(random.nextInt(4)) + i;
      text = i % 10_000 == 5 ? text.repeat(50_000) : text; // larger than a block
      texts.append(text).append('\n');
      expected.append(line(text));
    }
    StringWriter out = new StringWriter();
    byte[] utf8 = texts.toString().getBytes(StandardCharsets.UTF_8);
    assertThat(predictions(new PrintWriter(out)).print(lines(utf8, true))).isEqualTo(50_000);
    assertThat(out.toString().equals(expected.toString())).isTrue();
  }

  /** As a person sees it who types a line and waits. */
  @Test
  void everyLineIsAnsweredBeforeTheNextIsWritten() throws Exception {
    PipedInputStream standardInput = new PipedInputStream();
    PipedOutputStream typed = new PipedOutputStream(standardInput);
    PipedInputStream seen = new PipedInputStream();
    PrintWriter out = new PrintWriter(new PipedOutputStream(seen), false, StandardCharsets.UTF_8);
    CompletableFuture<Long> count =
        CompletableFuture.supplyAsync(
            () -> {
              try (Utf8Lines lines = new Utf8Lines("x", standardInput, false)) {
                return predictions(out).print(lines);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    BufferedReader answers =
        new BufferedReader(new InputStreamReader(seen, StandardCharsets.UTF_8));
    for (String text : List.of("a funny film", "", "dull \u00e9")) {
      typed.write((text + "\n").getBytes(StandardCharsets.UTF_8));
      typed.flush();
      assertThat(answers.readLine() + "\n").isEqualTo(line(text));
    }
    typed.close();
    assertThat(count.get()).isEqualTo(3);
  }

  @Test
  void linesBeforeAMistakeAreAnswered() {
    byte[] utf8 = "funny\ndull\nx\n".getBytes(StandardCharsets.UTF_8);
    utf8[11] = (byte) 0xe9;
    StringWriter out = new StringWriter();
    assertThatThrownBy(() -> predictions(new PrintWriter(out)).print(lines(utf8, true)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("x, line 3: expected UTF-8");
    assertThat(out.toString()).isEqualTo(line("funny") + line("dull"));
  }

  @Test
  void bytesThatAreNotUtf8BecomeReplacementCharacters() throws IOException {
    StringWriter out = new StringWriter();
    byte[] utf8 = {'a', (byte) 0xe9, '\n', (byte) 0xe2, (byte) 0x82, ' ', 'a'};
    assertThat(predictions(new PrintWriter(out)).print(lines(utf8, false))).isEqualTo(2);
    assertThat(out.toString()).isEqualTo(line("a\ufffd") + line("\ufffd a"));
  }

  /** An endless input and a writer that is full: what has been read must stay bounded. */
  @Test
  void readsNoFurtherThanItWrites() throws Exception {
    long[] read = new long[1];
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError();
          }

          @Override
          public int read(byte[] to, int from, int length) {
            for (int i = 0; i < length; i++) {
              to[from + i] = (byte) (++read[0] % 100 == 0 ? '\n' : 'a');
            }
            return length;
          }

          @Override
          public int available() {
            return 1;
          }
        };
    CompletableFuture<Void> resumed = new CompletableFuture<>();
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            resumed.join();
            throw new IOException("No space left on device");
          }
        };
    CompletableFuture<Long> count =
        CompletableFuture.supplyAsync(
            () -> {
              try (Utf8Lines lines = new Utf8Lines("x", endless, false)) {
                return predictions(new PrintWriter(full)).print(lines);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    Thread.sleep(500);
    resumed.complete(null);
    assertThat(count.get()).isEqualTo(-1); // it ended, although the input did not
    assertThat(read[0]).isBetween(100_000L, 4_000_000L);
  }
}
