package io.github.lowrank.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8LinesTest {
  /** Returns a few bytes at a time. */
  private static InputStream dripping(byte[] bytes, Random random) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] to, int from, int length) {
        return super.read(to, from, Math.min(length, 1 + random.nextInt(3)));
      }
    };
  }

  @Test
  void splitsAsABufferedReader() throws IOException {
    Random random = new Random(1);
    for (int round = 0; round < 2000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i > 0; i--) {
        text.append(List.of("\n", "\r", "\r\n", "a", "\u00e9", "bc").get(random.nextInt(6)));
      }
      List<String> expected =
          new BufferedReader(new StringReader(text.toString())).lines().toList();
      List<String> found = new ArrayList<>();
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      try (Utf8Lines lines = new Utf8Lines("x", dripping(bytes, random), true)) {
        while (lines.next()) {
          found.add(lines.text());
          assertThat(lines.number()).isEqualTo(found.size());
        }
      }
      assertThat(found).as(text.toString()).isEqualTo(expected);
    }
  }

  @Test
  void readsLinesLongerThanItsBuffer() throws IOException {
    String line = "word ".repeat(100_000);
    byte[] bytes = (line + "\n" + line + "x").getBytes(StandardCharsets.UTF_8);
    try (Utf8Lines lines = new Utf8Lines("x", new ByteArrayInputStream(bytes), false)) {
      assertThat(lines.next()).isTrue();
      assertThat(lines.text()).isEqualTo(line);
      assertThat(lines.next()).isTrue();
      assertThat(lines.text()).isEqualTo(line + "x");
      assertThat(lines.next()).isFalse();
    }
  }

  @Test
  void refusesOtherEncodingsWhereItIsStrict() throws IOException {
    byte[] bytes = "caf\u00e9\nna\u00efve\n".getBytes(StandardCharsets.UTF_8);
    bytes[9] = 'x'; // half of the second line's letter
    Utf8Lines lines = new Utf8Lines("texts.txt", new ByteArrayInputStream(bytes), true);
    assertThat(lines.next()).isTrue();
    assertThatThrownBy(lines::next)
        .isInstanceOf(IOException.class)
        .hasMessage("texts.txt, line 2: expected UTF-8, found bytes that are not UTF-8");
  }
}
