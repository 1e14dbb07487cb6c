package io.github.lowrank.predictor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.github.lowrank.predictor.CompactFormat.EncoderKind;
import io.github.lowrank.predictor.CompactFormat.HeadKind;
import io.github.lowrank.predictor.CompactFormat.TableForm;
import io.github.lowrank.predictor.CompactFormat.Tokenization;
import io.github.lowrank.predictor.CompactFormat.WeightForm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file put together by hand, as {@code docs/compact-format.md} says. */
class PredictorTest {
  @TempDir Path folder;

  /** Two words, two classes; vectors of length 2; no hidden layer; scores are twice the mean. */
  private static byte[] file() {
    return file(1, 7, new byte[] {0, 4, 'd', 'u', 'l', 'l', 2, 1, 'n'});
  }

  /** The same with other words, or a word and a pair. */
  private static byte[] file(int ngrams, int letters, byte[] words) {
    CompactOutput settings =
        new CompactOutput()
            .kind(Tokenization.WORDS)
            .octet(ngrams)
            .integer(3)
            .integer(2)
            .floats(0.75f, 0.25f);
    for (String label : List.of("no", "ja\u00df")) {
      byte[] utf8 = label.getBytes(StandardCharsets.UTF_8);
      settings.varint(utf8.length).raw(utf8);
    }
    return whole(
        settings,
        new CompactOutput().octet(0).integer(2).integer(letters).deflated(words),
        new CompactOutput().kind(TableForm.FLOATS).integer(2).integer(2).floats(1, 0, 0, 3),
        new CompactOutput().kind(EncoderKind.MEAN).integer(0),
        new CompactOutput()
            .kind(HeadKind.SOFTMAX)
            .octet(1)
            .kind(WeightForm.FLOATS)
            .integer(2)
            .integer(2)
            .floats(2, 0, 0, 2)
            .floats(0, 0),
        new CompactOutput().deflated("{\"made\":1}".getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] whole(CompactOutput... parts) {
    int at = CompactFormat.HEADER;
    CompactOutput file = new CompactOutput().raw(CompactFormat.magic()).integer(1).integer(0);
    for (CompactOutput part : parts) {
      file.integer(at);
      at += part.size();
    }
    for (CompactOutput part : parts) {
      file.raw(part.toBytes());
    }
    return sealed(file.integer(0).toBytes());
  }

  private static byte[] sealed(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(12, bytes.length);
    CRC32 checksum = new CRC32();
    checksum.update(bytes, 0, bytes.length - CompactFormat.CHECKSUM);
    buffer.putInt(bytes.length - CompactFormat.CHECKSUM, (int) checksum.getValue());
    return bytes;
  }

  private static float softmax(float a, float b) {
    return (float) (1 / (1 + Math.exp(b - a)));
  }

  @Test
  void answersWhatAPersonComputes() throws IOException {
    Path path = Files.write(folder.resolve("by-hand.lrk"), file());
    Predictor predictor = Predictor.load(path);
    assertThat(predictor.labels()).containsExactly("no", "ja\u00df");
    assertThat(predictor.card()).isEqualTo("{\"made\":1}");
    assertThat(predictor.words()).isEqualTo(2);
    assertThat(predictor.falsePositiveRate()).isZero();
    Predictor.Prediction dull = predictor.predict("DULL, unknown dull!");
    assertThat(dull.label()).isEqualTo("no");
    assertThat(dull.probability()).isCloseTo(softmax(2, 0), within(1e-6f));
    Predictor.Prediction both = predictor.predict("dull dun");
    assertThat(both.label()).isEqualTo("ja\u00df");
    assertThat(both.probabilities()[0]).isCloseTo(softmax(1, 3), within(1e-6f));
    assertThat(predictor.predict("dull a b dun").probability()) // only three words count
        .isEqualTo(dull.probability());
    assertThat(predictor.predict("unknown").probabilities()).containsExactly(0.75f, 0.25f);
  }

  /** The word "dull" and the pair "dull dun". */
  private static byte[] pair() {
    return file(2, 12, new byte[] {0, 4, 'd', 'u', 'l', 'l', 4, 4, ' ', 'd', 'u', 'n'});
  }

  @Test
  void pairsAreAddedToTheirWords() throws IOException {
    Predictor predictor = Predictor.of(pair(), "x.lrk");
    float word = softmax(2, 0); // the mean is (1, 0)
    float wordAndPair = softmax(1, 3); // (0.5, 1.5)
    for (String text : List.of("dull", "dun dull", "dull a dun", "a b dull dun", "dulldun dull")) {
      assertThat(predictor.predict(text).probabilities()[0])
          .as(text)
          .isCloseTo(word, within(1e-6f));
    }
    for (String text : List.of("Dull dun", " DULL... dun dun", "a dull dun dull", "dull dun'll")) {
      assertThat(predictor.predict(text).probabilities()[0])
          .as(text)
          .isCloseTo(wordAndPair, within(1e-6f));
    }
    assertThat(predictor.predict("dun dun").probabilities()).containsExactly(0.75f, 0.25f);
    byte[] three = pair();
    three[41] = 3;
    assertThatThrownBy(() -> Predictor.of(sealed(three), "x.lrk"))
        .hasMessage("x.lrk, byte 41: expected longest n-gram in 1 .. 2, found 3");
  }

  @Test
  void tellsWhatIsWrongAndWhere() throws IOException {
    byte[] bytes = file();
    Path missing = folder.resolve("missing.lrk");
    assertThatThrownBy(() -> Predictor.load(missing)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Predictor.of(new byte[3], "x.lrk"))
        .isInstanceOf(FormatException.class)
        .hasMessage("x.lrk, byte 0: expected a compact file of Lowrank, found other bytes");
    byte[] newer = bytes.clone();
    newer[8] = 2;
    assertThatThrownBy(() -> Predictor.of(sealed(newer), "x.lrk"))
        .hasMessage("x.lrk, byte 8: expected version 1, which this predictor reads, found 2");
    assertThatThrownBy(
            () -> Predictor.of(java.util.Arrays.copyOf(bytes, bytes.length - 1), "x.lrk"))
        .hasMessage(
            "x.lrk, byte 12: expected a file of %d bytes, found %d"
                .formatted(bytes.length, bytes.length - 1));
    byte[] flipped = bytes.clone();
    flipped[60] ^= 1;
    assertThatThrownBy(() -> Predictor.of(flipped, "x.lrk"))
        .isInstanceOfSatisfying(
            FormatException.class, e -> assertThat(e.offset()).isEqualTo(bytes.length - 4))
        .hasMessageContaining("checksum");
    byte[] infinite = bytes.clone();
    ByteBuffer.wrap(infinite).order(ByteOrder.LITTLE_ENDIAN).putFloat(50, Float.NaN);
    assertThatThrownBy(() -> Predictor.of(sealed(infinite), "x.lrk"))
        .hasMessage("x.lrk, byte 50: expected finite numbers of prior probabilities, found NaN");
    Predictor predictor = Predictor.of(bytes, "x.lrk");
    assertThatThrownBy(() -> predictor.predict("a", new float[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected room for 2 probabilities, found 1");
  }

  @Test
  void allocatesNothingOnceItHasSeenTheLongestText() throws IOException {
    allocatesNothing(Predictor.of(file(), "x.lrk"));
    allocatesNothing(Predictor.of(pair(), "x.lrk"));
  }

  private static void allocatesNothing(Predictor predictor) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    float[] probabilities = new float[2];
    String[] texts = {
      "Dull \u0391\u03a3 dun", "dun", "it's na\u00efve \ud83d\ude00", "", "dull".repeat(900)
    };
    byte[] utf8 = "dull dun \u03a3".getBytes(StandardCharsets.UTF_8);
    long allocated = Long.MAX_VALUE;
    // The first rounds load classes; the compiler may allocate in this thread now and then.
    for (int round = 0; round < 20 && allocated > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (String text : texts) {
        predictor.predict(text, probabilities);
      }
      predictor.predict(utf8, 0, utf8.length, probabilities);
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat(allocated).isZero();
  }

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    Predictor predictor = Predictor.of(file(), "x.lrk");
    List<String> texts = List.of("dull", "dun", "dull dun", "unknown", "dull dull dun");
    List<float[]> expected =
        texts.stream().map(text -> predictor.predict(text).probabilities()).toList();
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Callable<Void>> work = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      int first = t;
      work.add(
          () -> {
            for (int i = first; i < 20_000; i++) {
              int n = i % texts.size();
              assertThat(
                      java.util.Arrays.equals(
                          predictor.predict(texts.get(n)).probabilities(), expected.get(n)))
                  .isTrue();
            }
            return null;
          });
    }
    for (Future<Void> done : pool.invokeAll(work)) {
      done.get();
    }
    pool.shutdown();
  }
}
