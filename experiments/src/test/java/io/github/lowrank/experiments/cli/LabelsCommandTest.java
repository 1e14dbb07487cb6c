package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.predictor.Predictor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Labels of a trained model that come and go. */
class LabelsCommandTest {
  private static final int TRAINED = 4;
  private static final int ALL = 6;

  @TempDir static Path folder;

  private record Outcome(int code, String out, String err) {}

  private static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = new Cli().execute(new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Outcome(code, out.toString(), err.toString());
  }

  /**
   * Texts of labels c0, c1, ...: words that begin with the letter of the label, mixed with others.
   */
  private static Path texts(String name, int from, int to, int each, int seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder csv = new StringBuilder("text,label\n");
    for (int i = 0; i < each; i++) {
      for (int label = from; label < to; label++) {
        for (int w = 0; w < 6; w++) {
          int letter = random.nextInt(4) == 0 ? random.nextInt(ALL) : label;
          csv.append((char) ('a' + letter)).append(random.nextInt(9)).append(' ');
        }
        csv.append(",c").append(label).append('\n');
      }
    }
    return Files.writeString(folder.resolve(name), csv);
  }

  @BeforeAll
  static void train() throws IOException {
    texts("train.csv", 0, TRAINED, 60, 1);
    texts("dev.csv", 0, ALL, 20, 2);
    texts("new.csv", TRAINED, ALL, 20, 3);
    for (String out : List.of("model", "model.lrk")) {
      Outcome outcome =
          run(
              "train",
              "--train",
              folder.resolve("train.csv").toString(),
              "--test",
              folder.resolve("dev.csv").toString(),
              "--head",
              "prototypes",
              "--distance",
              "sphere",
              "--reject",
              "0.1",
              "--vectors",
              "none",
              "--steps",
              "60",
              "--out",
              folder.resolve(out).toString());
      assertThat(outcome.code()).as(outcome.err()).isZero();
      assertThat(outcome.out()).contains("rejected: ");
    }
  }

  private static Outcome labels(String model, String... more) {
    List<String> args = new ArrayList<>(List.of("labels", folder.resolve(model).toString()));
    args.addAll(Arrays.asList(more));
    return run(args.toArray(new String[0]));
  }

  private static double accuracy(String line) {
    return Double.parseDouble(line.replaceAll(".*accuracy ([0-9.]+) %.*", "$1"));
  }

  private static int count(String line) {
    return Integer.parseInt(line.substring(line.indexOf('\t') + 1));
  }

  private static String copy(String model, String name) throws IOException {
    AtomicFiles.copy(folder.resolve(model), folder.resolve(name));
    return name;
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "model.lrk"})
  void labelsAreAddedRemovedMergedAndSplit(String trained) throws IOException {
    String name = "changed-" + trained;
    if (trained.endsWith(".lrk")) {
      Files.copy(folder.resolve(trained), folder.resolve(name));
    } else {
      copy(trained, name);
    }
    List<String> first = labels(name).out().lines().toList();
    assertThat(first).hasSize(TRAINED);
    assertThat(first.get(0)).matches("c0\t5\\d"); // a tenth of 60 is held out
    int both = count(first.get(2)) + count(first.get(3));
    Outcome added =
        labels(
            name,
            "add",
            folder.resolve("new.csv").toString(),
            "--dev",
            folder.resolve("dev.csv").toString());
    assertThat(added.code()).as(added.err()).isZero();
    List<String> lines = added.out().lines().toList();
    assertThat(lines.get(0)).startsWith("dev before: accuracy ");
    assertThat(lines.get(1)).startsWith("dev after: accuracy ");
    assertThat(accuracy(lines.get(1))).isGreaterThan(accuracy(lines.get(0)) + 10);
    assertThat(lines.get(2)).contains("6 labels of ", ", before 4 labels of ");
    assertThat(labels(name, "list").out()).contains("c5\t20");

    assertThat(labels(name, "remove", "c0", "c1").code()).isZero();
    assertThat(labels(name, "merge", "c2", "c3").code()).isZero();
    assertThat(labels(name, "merge", "c4", "card").code()).isZero();
    assertThat(labels(name).out().lines().toList())
        .containsExactlyInAnyOrder("c3\t" + both, "card\t20", "c5\t20");
    Path parts = Files.writeString(folder.resolve("parts.csv"), "text,label\nf1 f2,x\nf3 f4,y\n");
    assertThat(labels(name, "split", "c5", parts.toString()).code()).isZero();
    assertThat(labels(name).out()).contains("x\t1").contains("y\t1").doesNotContain("c5");

    Outcome evaluated =
        run("evaluate", folder.resolve(name).toString(), "--test", parts.toString());
    assertThat(evaluated.out()).startsWith("accuracy 100.00 %").contains("rejected: ");
    if (!trained.endsWith(".lrk")) {
      assertThat(Files.readString(folder.resolve(name).resolve("model-card.json")))
          .contains("\"labels_changed\"")
          .contains("\"card\"");
      assertThat(Files.readString(folder.resolve(name).resolve("model-card.md")))
          .containsOnlyOnce("The labels were changed");
    }
  }

  @Test
  void anotherModelIsWrittenWhereOneIsAskedFor() throws IOException {
    byte[] before = Files.readAllBytes(folder.resolve("model.lrk"));
    String out = folder.resolve("fewer.lrk").toString();
    assertThat(labels("model.lrk", "remove", "c0", "--out", out).code()).isZero();
    assertThat(Files.readAllBytes(folder.resolve("model.lrk"))).isEqualTo(before);
    assertThat(Predictor.load(Path.of(out)).labels()).doesNotContain("c0").hasSize(TRAINED - 1);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(file -> file.getFileName().toString().startsWith("."))).isEmpty();
    }
    String below = folder.resolve("new").resolve("fewer.lrk").toString();
    assertThat(labels("model.lrk", "remove", "c0", "c0", "--out", below).code()).isZero();
    assertThat(Path.of(below)).isRegularFile();
    Outcome again = labels("model.lrk", "remove", "c0", "--out", out);
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("expected a path that does not exist yet");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "remove nothing | 2 | expected one of the 4 labels, found 'nothing'",
        "remove c0 c1 c2 c3 | 2 | expected another label to remain",
        "merge c0 c0 | 2 | expected two labels, found 'c0' twice",
        "merge c0 BLANK | 2 | expected a label, found",
        "remove | 2 | LABEL",
        "add none.csv | 1 | none.csv",
        "add unknown.csv | 1 | expected a text of label 'z' with a word that the model knows",
        "split c0 same.csv | 1 | expected other labels than 'c0'",
        "rename c0 x | 2 | rename"
      })
  void mistakesAreNamedAndChangeNothing(String line, int code, String message) throws IOException {
    Files.writeString(folder.resolve("unknown.csv"), "text,label\n???,z\n");
    Files.writeString(folder.resolve("same.csv"), "text,label\na1,c0\n");
    byte[] before = Files.readAllBytes(folder.resolve("model.lrk"));
    String[] args =
        Arrays.stream(line.split(" "))
            .map(arg -> arg.equals("BLANK") ? " " : arg)
            .map(arg -> arg.endsWith(".csv") ? folder.resolve(arg).toString() : arg)
            .toArray(String[]::new);
    Outcome outcome = labels("model.lrk", args);
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(code);
    assertThat(outcome.err()).contains(message).doesNotContain("\tat ");
    assertThat(Files.readAllBytes(folder.resolve("model.lrk"))).isEqualTo(before);
  }

  @Test
  void twoTextsOfALabelAreEnoughToTrain() throws IOException {
    Path few = texts("few.csv", 0, 3, 3, 5);
    String out = folder.resolve("few.lrk").toString();
    Outcome outcome =
        run(
            "train",
            "--train",
            few.toString(),
            "--head",
            "prototypes",
            "--vectors",
            "none",
            "--steps",
            "5",
            "--out",
            out);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    Path odd = Files.writeString(folder.resolve("odd.csv"), "text,label\na1 b2,\"tab\there\"\n");
    assertThat(run("labels", out, "add", odd.toString()).code()).isZero();
    assertThat(run("labels", out).out()).contains("tab\\there\t1\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--head nearest | --head: expected softmax or prototypes, found 'nearest'",
        "--distance lorentz | --distance is for prototypes",
        "--head prototypes --reject 2 | --reject: expected a number in (0, 1), found 2.0",
        "--head prototypes --max-bytes 1MB | give --remove and --bits",
        "--head prototypes --teacher bge-small | neither a teacher nor class weights",
        "--head prototypes --bits 3 | expected one of [32, 16, 8, 4, 2, 1], found 3"
      })
  void contradictionsAreRefused(String line, String message) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "train",
                "--train",
                folder.resolve("train.csv").toString(),
                "--out",
                folder.resolve("never").toString()));
    args.addAll(Arrays.asList(line.split(" ")));
    Outcome outcome = run(args.toArray(new String[0]));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains(message);
    assertThat(folder.resolve("never")).doesNotExist();
  }
}
