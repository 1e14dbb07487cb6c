package io.github.lowrank.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordPiecesTest {
  private static final List<String> PIECES =
      List.of("[UNK]", "[CLS]", "[SEP]", "cafe", "play", "##ing", "##s", "!", "東", "京", "'", "do");

  private static WordPieces read(String vocabulary) throws IOException {
    return WordPieces.read(
        "toy",
        new ByteArrayInputStream(
            ("{\"model\": {\"vocab\": {" + vocabulary + "}}}").getBytes(StandardCharsets.UTF_8)));
  }

  private static WordPieces toy() throws IOException {
    List<String> entries = new ArrayList<>();
    for (String piece : PIECES) {
      entries.add("\"" + piece + "\": " + entries.size());
    }
    return read(String.join(", ", entries));
  }

  private static List<String> pieces(String text, int most) throws IOException {
    return toy().ofText(text, most).stream().map(PIECES::get).toList();
  }

  @Test
  void splitsAsBertDoes() throws IOException {
    assertThat(pieces("Caf\u00e9 PLAYING\u00a0plays!", 99))
        .containsExactly("[CLS]", "cafe", "play", "##ing", "play", "##s", "!", "[SEP]");
    assertThat(pieces("do'do \u6771\u4eac do\u200bdo", 99))
        .containsExactly("[CLS]", "do", "'", "do", "東", "京", "[UNK]", "[SEP]");
    assertThat(pieces("", 99)).containsExactly("[CLS]", "[SEP]");
  }

  @Test
  void omitsTheRestOfALongText() throws IOException {
    assertThat(pieces("do do do do", 4)).containsExactly("[CLS]", "do", "do", "[SEP]");
    assertThat(pieces("do " + "x".repeat(101), 9)).contains("[UNK]");
  }

  @Test
  void numbersMustBeThoseOfPieces() {
    assertThatThrownBy(() -> read("\"a\": 0, \"b\": 7"))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("'b'")
        .hasMessageContaining("a number below 2");
  }
}
