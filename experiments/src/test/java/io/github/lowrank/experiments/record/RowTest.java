package io.github.lowrank.experiments.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lowrank.train.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowTest {
  private static final String OLD_HEADING =
      "trial,experiment,dataset,model,method,removed,rank,bits,seed,dev_accuracy,test_accuracy,"
          + "embedding_parameters,embedding_bytes,saved_model_bytes,train_seconds,latency_us_b1,"
          + "latency_us_b64,learning_rate,steps,flops_per_sentence,svd_relative_error\n";

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve(Row.FILE);
  }

  private static Row row(String method, int seed, Map<String, Object> parameters) {
    return new Row(
        new Row.Id(method + "-seed" + seed, "e", "d, \"e\"", "dan", seed),
        method,
        null,
        parameters,
        new Row.Training(1e-4, 100, 1.23456, 40),
        new Row.Scores(0.1 + 0.2, 1, Double.NaN),
        new Row.Size(1L << 40, 12, 13, 14),
        new Row.LatencyQuantiles(
            new Row.Quantiles(20.123, 25, 40),
            new Row.Quantiles(7, 8, 9),
            new Row.Quantiles(3, 4, Double.NaN)));
  }

  /** In an order that is neither that of the alphabet nor of a hash. */
  private static List<Row> rows() {
    Map<String, Object> online = new LinkedHashMap<>();
    online.put("removed", 0.9);
    online.put("rank", 29);
    online.put("bits", 8L);
    online.put("svd_relative_error", 0.6500000000000001);
    Map<String, Object> trained = new LinkedHashMap<>();
    trained.put("schedule", "calr, \"gentle\"\nor not");
    trained.put("rank", 1e10);
    trained.put("noise", 0.1f);
    trained.put("bits", 1L << 40);
    trained.put("zero", 0.0);
    trained.put("unknown", Double.NaN);
    trained.put("empty", "");
    return List.of(
        row("baseline", 1, Map.of()), row("online", 1, online), row("trained", 1, trained));
  }

  @Test
  void rowsSurviveTheFile() throws IOException {
    Row.write(file, rows());
    List<Row> read = Row.read(file);
    assertThat(read).isEqualTo(rows());
    assertThat(read.get(1).parameters().keySet())
        .containsExactly("removed", "rank", "bits", "svd_relative_error");
    assertThat(read.get(2).parameters())
        .containsEntry("noise", 0.1)
        .containsEntry("rank", 1e10)
        .containsEntry("bits", 1L << 40)
        .doesNotContainKey("empty");
    List<String> lines = Files.readAllLines(file);
    assertThat(lines.get(0))
        .startsWith("trial,experiment,dataset,model,method,label,seed,dev_accuracy")
        .endsWith("p99,removed,rank,bits,svd_relative_error,schedule,noise,zero,unknown");
    assertThat(lines.get(1)).endsWith(",,,,,,,,");
    assertThat(lines.get(2)).contains(",online 90 % 8 bit,1,").contains(",0.9,29,8,0.65");
  }

  @Test
  void rowsSurviveJson() throws IOException {
    ObjectMapper json = new ObjectMapper();
    for (Row row : rows()) {
      TrialResult result =
          new TrialResult(
              row,
              Map.of("singular_values", List.of(2.0)),
              List.of(new Evaluation(0, Double.NaN, 0, Map.of("accuracy", 0.5))),
              "01",
              "ab");
      TrialResult read = json.readValue(json.writeValueAsString(result), TrialResult.class);
      assertThat(read).isEqualTo(result);
      assertThat(List.copyOf(read.row().parameters().keySet()))
          .isEqualTo(List.copyOf(row.parameters().keySet()));
    }
  }

  @Test
  void parametersAreNumbersOrText() {
    Row row = rows().get(1);
    assertThat(row.number("rank")).hasValue(29);
    assertThat(row.text("rank")).contains("29");
    assertThat(row.number("noise")).isEmpty();
    assertThat(row("m", 1, Map.of("schedule", "calr")).number("schedule")).isEmpty();
    assertThat(row("m", 1, Map.of("bits", "8")).number("bits")).hasValue(8);
    assertThatThrownBy(() -> row("m", 1, Map.of("seed", 1)))
        .hasMessage("expected the name of a parameter, found 'seed', a column of every row");
    assertThatThrownBy(() -> row.parameters().put("a", 1))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void filesOfFormerVersionsAreRead() throws IOException {
    Files.writeString(
        file,
        OLD_HEADING
            + "a,e,d,dan,baseline,0.0,0,32,1,0.8,0.8,1,2,3,1.5,20.1,4.0,0.001,100,5,0.0\n"
            + "b,e,d,dan,online,0.9,29,32,1,0.8,0.8,1,2,3,1.5,20.1,4.0,0.001,100,5,0.25\n"
            + "c,e,d,dan,online-fixed-point,0.975,7,8,1,0.8,0.8,1,2,3,1.5,NaN,NaN,0.001,100,5,0.3\n"
            + "d,e,d,dan,offline-rows,0.9,0,32,1,0.8,0.8,1,2,3,1.5,20.1,4.0,0.001,100,5,0.0\n");
    List<Row> rows = Row.read(file);
    assertThat(rows)
        .extracting(Row::label)
        .containsExactly(
            "baseline", "online 90 %", "online-fixed-point 97.5 % 8 bit", "offline-rows 90 %");
    assertThat(rows.get(0).parameters()).isEmpty();
    assertThat(rows.get(1).parameters())
        .isEqualTo(Map.of("removed", 0.9, "rank", 29, "svd_relative_error", 0.25));
    assertThat(rows.get(2).number("bits")).hasValue(8);
    assertThat(rows.get(2).measured()).isFalse();
    assertThat(rows.get(3).parameters()).isEqualTo(Map.of("removed", 0.9));
    assertThat(rows.get(0).training().stepsTo99()).isEqualTo(-1);
    assertThat(rows.get(0).scores().testUnseen()).isNaN();
    Path again = folder.resolve("again.csv");
    Row.write(again, rows);
    assertThat(Row.read(again)).isEqualTo(rows);
  }

  @Test
  void badFilesAreNamed() throws IOException {
    assertThatThrownBy(() -> Row.read(file)).hasMessageContaining("does not exist");
    Files.writeString(file, "a,b\n1,2\n");
    assertThatThrownBy(() -> Row.read(file))
        .hasMessage(file + ", line 1: expected a column trial, found [a, b]");
    Files.writeString(file, OLD_HEADING.replace("rank", "seed"));
    assertThatThrownBy(() -> Row.read(file))
        .hasMessageContaining("line 1: ")
        .hasMessageContaining("seed");
    Files.writeString(file, OLD_HEADING + "a,b\n");
    assertThatThrownBy(() -> Row.read(file))
        .hasMessage(file + ", line 2: expected 21 cells, found 2");
    Row.write(file, rows());
    Files.writeString(file, Files.readString(file).replaceFirst(",0\\.3\\d+,", ",\"0\n1\","));
    assertThatThrownBy(() -> Row.read(file))
        .hasMessage(file + ", line 3: dev_accuracy: expected a number, found '0 1'");
    Files.write(file, new byte[] {'a', (byte) 0xff, '\n'});
    assertThatThrownBy(() -> Row.read(file))
        .hasMessageContaining("trials.csv, after line 1: expected CSV in UTF-8");
  }

  /** Line 3 is the row of online. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0.30000000000000004,1.0,;x,1.0,;dev_accuracy: expected a number, found 'x'",
        "0.30000000000000004,1.0,;NaN,1.0,;trial T: expected dev_accuracy from 0 to 1, found NaN",
        "0.30000000000000004,1.0,;0.3,NaN,;trial T: expected test_accuracy from 0 to 1, found NaN",
        "0.30000000000000004,1.0,;0.3,Infinity,;trial T: expected test_accuracy from 0 to 1, found Infinity",
        "0.30000000000000004,1.0,;-0.1,1.0,;trial T: expected dev_accuracy from 0 to 1, found -0.1",
        "0.30000000000000004,1.0,;0.3,83.5,;trial T: expected test_accuracy from 0 to 1, found 83.5",
        "14,40,NaN,;14,40,1.5,;trial T: expected test_accuracy_unseen from 0 to 1, found 1.5",
        "online-seed1;baseline-seed1;expected each trial once, found baseline-seed1 again",
        "online 90 % 8 bit;baseline;trial T: expected each label once per seed, found 'baseline' with seed 1 again",
        ",1,0.3;,1.5,0.3;seed: expected a whole number, found '1.5'",
        ",1,0.3;,3000000000,0.3;seed: expected a whole number, found '3000000000'",
      })
  void badRowsAreNamed(String old, String changed, String message) throws IOException {
    Row.write(file, rows());
    List<String> lines = Files.readAllLines(file);
    assertThat(lines.get(2)).contains(old);
    lines.set(2, lines.get(2).replace(old, changed));
    Files.write(file, lines);
    assertThatThrownBy(() -> Row.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ", line 3: " + message.replace("trial T", "trial online-seed1"));
  }

  @Test
  void answersSurviveTheirHexadecimalFormAndTheirFile() throws IOException {
    Bits bits = Bits.parse(Bits.of(BitSet.valueOf(new long[] {0b011110010}), 9));
    assertThat(bits.correct().stream()).containsExactly(1, 4, 5, 6, 7);
    assertThat(bits.texts()).isEqualTo(9);
    assertThat(Bits.parse(Bits.of(new BitSet(), 1))).isEqualTo(new Bits(new BitSet(), 1));
    assertThat(Bits.read(folder)).isEmpty();
    Bits.write(folder, Map.of("a, \"b\"", "f202"));
    assertThat(Bits.read(folder)).isEqualTo(Map.of("a, \"b\"", bits));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a,0g;line 2: trial a: expected hexadecimal digits, found",
        "a,;line 2: trial a: expected hexadecimal digits, found ''",
        "a;line 2: expected 2 cells, found 1",
        "\"a\"b,01;after line 1: expected CSV in UTF-8, found ",
        "a,01|a,01;line 3: expected each trial once, found a again",
      })
  void badAnswersAreNamed(String lines, String message) throws IOException {
    Path answers = folder.resolve(Bits.FILE);
    Files.writeString(answers, "trial,correct\n" + lines.replace('|', '\n') + "\n");
    assertThatThrownBy(() -> Bits.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(answers + ", " + message);
  }

  @Test
  void aBadHeadingIsNamed() throws IOException {
    Path answers = Files.writeString(folder.resolve(Bits.FILE), "\"trial\"x,correct\na,01\n");
    assertThatThrownBy(() -> Bits.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(answers + ", after line 1: expected CSV in UTF-8, found ");
  }

  @Test
  void badProvenanceIsNamed() throws IOException {
    assertThat(Provenance.tree(folder).isMissingNode()).isTrue();
    Files.writeString(folder.resolve("provenance.json"), "{\n\"a\": }");
    assertThatThrownBy(() -> Provenance.tree(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("provenance.json, line 2: ")
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
  }
}
