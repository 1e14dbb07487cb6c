package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.labelling.AnswerLog;
import io.github.lowrank.labelling.Labelling;
import io.github.lowrank.labelling.Majority;
import io.github.lowrank.labelling.Neighbours;
import io.github.lowrank.labelling.SparseFirst;
import io.github.lowrank.linalg.Matrix;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Single keys, as a terminal hands them on. */
class LabelTerminalTest {
  @TempDir private Path folder;

  /** A terminal: what a key sends is there at once, that of the next key is not. */
  private static final class Keys extends Reader {
    private final Deque<String> next;
    private String now = "";

    private Keys(String... keys) {
      next = new ArrayDeque<>(Arrays.asList(keys));
    }

    @Override
    public int read(char[] into, int from, int length) {
      if (now.isEmpty() && next.isEmpty()) {
        return -1;
      }
      now = now.isEmpty() ? next.pop() : now;
      into[from] = now.charAt(0);
      now = now.substring(1);
      return 1;
    }

    @Override
    public boolean ready() {
      return !now.isEmpty();
    }

    @Override
    public void close() {
      // nothing is open
    }
  }

  private record Asked(int answers, String printed) {}

  private Asked press(String... keys) throws IOException {
    List<String> texts = IntStream.range(0, 40).mapToObj(i -> "text " + i).toList();
    float[] values = new float[80];
    for (int i = 0; i < 40; i++) {
      values[2 * i] = (float) Math.cos(i % 2 * 1.5 + i / 1000.0);
      values[2 * i + 1] = (float) Math.sin(i % 2 * 1.5 + i / 1000.0);
    }
    StringWriter printed = new StringWriter();
    try (AnswerLog log = AnswerLog.open(folder.resolve("answers.jsonl"))) {
      Labelling labelling =
          new Labelling(
              new Labelling.Task(
                  List.of("east", "north"),
                  texts,
                  List.of(0, 1),
                  new SparseFirst(),
                  new Majority()),
              new Neighbours(new Matrix(40, 2, values)),
              log);
      new LabelTerminal(
              new LabelKeys(labelling, Integer.MAX_VALUE),
              new PrintWriter(printed, true),
              new Keys(keys),
              true)
          .ask();
      return new Asked(labelling.progress().answers(), printed.toString());
    }
  }

  @Test
  void eachKeyIsAnAnswer() throws IOException {
    assertThat(press("1", "\n", "/", "n", "o", "r", "t", "h", "\n", "s").answers()).isEqualTo(4);
  }

  /** Delete, Ctrl-Right, Page Up, an arrow, and pasted text. */
  @ParameterizedTest
  @ValueSource(strings = {"\u001b[3~", "\u001b[1;5C", "\u001b[5~", "\u001b[A", "1212", "ss1"})
  void whatComesAtOnceIsNone(String keys) throws IOException {
    Asked asked = press(keys, "1");
    assertThat(asked.answers()).isEqualTo(1);
    assertThat(asked.printed())
        .containsOnlyOnce("expected a key of the list, found 'several keys at once'")
        .doesNotContain("\u001b");
  }

  @Test
  void theEndOfTheInputEnds() throws IOException {
    assertThat(press("1", "\u0004", "1", "1").answers()).isEqualTo(1);
    assertThat(press("1").answers()).isEqualTo(2); // it went on
  }
}
