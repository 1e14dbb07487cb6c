package io.github.lowrank.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.optimizer.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
  @TempDir Path folder;

  record Inner(int count, Encoder encoder) {}

  record Outer(String name, List<Inner> inner, double rate) {}

  private static final String GOOD =
      """
      {"name": "n",
       "inner": [
        {"count": 3,
         "encoder": {"type": "dan", "hidden": [4], "dropout": 0.5}}],
       "rate": 0.1}
      """;

  @Test
  void otherBytesThanUtf8AreNamed() throws IOException {
    Path file = Files.write(folder.resolve("latin.json"), new byte[] {'"', (byte) 0xe9, '"'});
    assertThatThrownBy(() -> Json.read(file, String.class))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": expected JSON in UTF-8, found other bytes");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("some.json"), text);
  }

  @Test
  void recordsComeBack() throws IOException {
    Outer outer = Json.read(file(GOOD), Outer.class);
    assertThat(outer)
        .isEqualTo(new Outer("n", List.of(new Inner(3, new Dan(List.of(4), 0.5))), 0.1));
    assertThat(Json.parse(Json.pretty(outer), "", Outer.class)).isEqualTo(outer);
    assertThat(Json.parse(Json.canonical(outer), "", Outer.class)).isEqualTo(outer);
    assertThat(Json.canonical(outer)).doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // what is replaced | by what | line | field | expected | found
        "\"count\": 3 | \"count\": 3, \"size\": 4 | 3 | inner.[0].size | [count, encoder] | 'size'",
        "\"count\": 3, | | 4 | inner.[0].count | expected the field 'count' | found none",
        "\"count\": 3 | \"count\": 3, \"count\": 3 | 3 | count | expected each field once | 'count'",
        "\"dan\" | \"rnn\" | 4 | inner.[0].encoder | expected a kind of Encoder | 'rnn'",
        "\"dan\" | \"r\\nn\" | 4 | inner.[0].encoder | expected a kind of Encoder | 'r n'",
        "\"type\": \"dan\", | | 4 | inner.[0].encoder | expected a Encoder, an object whose field 'type' says its kind | found none",
        "\"count\": 3 | \"count\": \"x\" | 3 | inner.[0].count | expected a whole number | found string (\"x\")",
        "\"count\": 3 | \"count\": 3.5 | 3 | inner.[0].count | expected a whole number | 3.5",
        "\"count\": 3 | \"count\": null | 3 | inner.[0].count | expected a whole number | null",
        "\"count\": 3 | \"count\": [3] | 3 | inner.[0].count | expected a whole number | found array",
        "\"rate\": 0.1 | \"rate\": true | 5 | rate | expected a number | found boolean",
        "\"rate\": 0.1} | \"rate\": 0.1} more | 5 | | expected JSON | 'more'",
        "\"rate\": 0.1} | \"rate\": 0.1} {} | 5 | | expected the end | found more",
        "\"rate\": 0.1} | \"rate\": 0.1 | 6 | | expected | end",
        "\"hidden\": [4] | \"hidden\": [0] | 4 | inner.[0].encoder | at least one unit each | ",
        "\"encoder\": { | \"encoder\": null, \"e\": { | 4 | encoder | expected | null"
      })
  void mistakesAreExplainedInOneLine(
      String what, String by, int line, String field, String expected, String found)
      throws IOException {
    assertThat(GOOD).contains(what);
    Path file = file(GOOD.replace(what, by == null ? "" : by));
    Throwable thrown = catchThrowable(() -> Json.read(file, Outer.class));
    assertThat(thrown).isInstanceOf(IOException.class);
    assertThat(thrown.getMessage())
        .startsWith(file + ", line " + line)
        .contains(field == null ? "" : field)
        .contains(expected)
        .contains(found == null ? "" : found)
        .doesNotContain("\n")
        // of Jackson's own words
        .doesNotContain("deserialize", "token", "creator", "java.", "Json");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> Json.read(folder.resolve("none.json"), Outer.class))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none.json does not exist: expected a JSON file");
  }

  @Test
  void equalValuesHaveEqualHashesWhateverTheirOrder() throws IOException {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("a", 1);
    one.put("b", 2);
    Map<String, Object> two = new LinkedHashMap<>();
    two.put("b", 2);
    two.put("a", 1);
    assertThat(Json.hash(one)).isEqualTo(Json.hash(two)).hasSize(20);
    two.put("a", 3);
    assertThat(Json.hash(one)).isNotEqualTo(Json.hash(two));
    Optimizer a =
        Json.parse(
            "{\"type\":\"adam\",\"beta1\":0.9,\"beta2\":0.99,\"epsilon\":0.1}",
            "",
            Optimizer.class);
    Optimizer b =
        Json.parse(
            "{\"epsilon\":0.1,\"beta2\":0.99,\"beta1\":0.9,\"type\":\"adam\"}",
            "",
            Optimizer.class);
    assertThat(Json.hash(a)).isEqualTo(Json.hash(b));
  }
}
