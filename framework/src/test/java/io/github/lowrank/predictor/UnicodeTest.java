package io.github.lowrank.predictor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.op.Sessions;
import io.github.lowrank.text.TextEncoder;
import io.github.lowrank.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.strings.Lower;
import org.tensorflow.types.TString;

/**
 * The predictor's table of characters against TensorFlow, for every code point of the planes that
 * have characters. What TensorFlow answers is left in {@code target/unicode.bin}: the file to copy
 * when a version of TensorFlow brings a newer Unicode.
 */
class UnicodeTest {
  private static final Path WRITTEN =
      Path.of("../predictor/src/main/resources/io/github/lowrank/predictor/unicode.bin");
  private static final int BATCH = 1 << 15;

  /** Planes 4 to 13 and the private ones have no characters. */
  private static final int EMPTY = 0x40000;

  private static final int TAGS = 0xe0000;
  private static final int PRIVATE = 0xf0000;

  @Test
  void theTableHoldsWhatTensorFlowAnswers() throws IOException {
    byte[] table = table();
    Files.write(Path.of("target/unicode.bin"), table);
    assertThat(Files.readAllBytes(WRITTEN)).isEqualTo(table);
  }

  private static byte[] table() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int[] run = new int[3];
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TString> input = tf.placeholder(TString.class);
      Operand<TString> lower = tf.strings.lower(input, Lower.encoding("utf-8"));
      try (Session session = Sessions.open(graph)) {
        for (int from = 0; from <= Character.MAX_CODE_POINT; from += BATCH) {
          if (from > EMPTY && from < TAGS || from > PRIVATE) {
            run[0] += BATCH; // as the first part of those planes
            continue;
          }
          List<String> alone = new ArrayList<>();
          List<String> before = new ArrayList<>();
          List<String> between = new ArrayList<>();
          for (int c = from; c < from + BATCH && c <= Character.MAX_CODE_POINT; c++) {
            String letter = c == 0 || isSurrogate(c) ? " " : Character.toString(c);
            alone.add(letter);
            before.add(letter + "\u03a3");
            between.add("A" + letter + "\u03a3");
          }
          List<String> lowered = run(session, input, lower, alone);
          List<String> afterIt = run(session, input, lower, before);
          List<String> acrossIt = run(session, input, lower, between);
          List<String[]> words = TextEncoder.tokenize(Tokenizer.WORDS, alone);
          for (int i = 0; i < alone.size(); i++) {
            boolean cased = afterIt.get(i).endsWith("\u03c2");
            boolean ignorable = !cased && acrossIt.get(i).endsWith("\u03c2");
            int flags =
                (words.get(i).length > 0 ? Unicode.WORD : 0)
                    | (cased ? Unicode.CASED : 0)
                    | (ignorable ? Unicode.IGNORABLE : 0);
            int distance =
                alone.get(i).equals(" ") ? 0 : lowered.get(i).codePointAt(0) - (from + i);
            String expected = from + i == 0x130 ? "i\u0307" : lowered.get(i);
            assertThat(lowered.get(i).codePointCount(0, lowered.get(i).length()))
                .as("code points of the lower case of U+%04X", from + i)
                .isEqualTo(expected.codePointCount(0, expected.length()));
            if (run[0] > 0 && (run[1] != flags || run[2] != distance)) {
              write(run, out);
              run[0] = 0;
            }
            run[0]++;
            run[1] = flags;
            run[2] = distance;
          }
        }
      }
    }
    write(run, out);
    return out.toByteArray();
  }

  private static boolean isSurrogate(int c) {
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
  }

  private static void write(int[] run, ByteArrayOutputStream out) {
    CompactOutput numbers = new CompactOutput();
    numbers.varint(run[0]).varint(run[1]).varint(run[2] << 1 ^ run[2] >> 31);
    out.writeBytes(numbers.toBytes());
  }

  private static List<String> run(
      Session session, Placeholder<TString> input, Operand<TString> output, List<String> texts) {
    List<String> all = new ArrayList<>(texts.size());
    try (TString values =
            TString.tensorOf(
                StandardCharsets.UTF_8, NdArrays.vectorOfObjects(texts.toArray(new String[0])));
        Result result = session.runner().feed(input, values).fetch(output).run()) {
      ((TString) result.get(0)).scalars().forEach(s -> all.add(s.getObject()));
    }
    return all;
  }
}
