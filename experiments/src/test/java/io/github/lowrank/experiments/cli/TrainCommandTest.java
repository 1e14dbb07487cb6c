package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.experiments.report.ClassReport;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.io.Json;
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

/** Own text in, a small SavedModel out. */
class TrainCommandTest {
  @TempDir static Path folder;

  private record Outcome(int code, String out, String err) {}

  private static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new Cli(Experiments.all())
            .execute(new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Outcome(code, out.toString(), err.toString());
  }

  @BeforeAll
  static void writeFiles() throws IOException {
    Random random = new Random(1);
    String[][] words = {
      {"wet", "rain", "cloud", "storm", "umbrella"}, {"sun", "dry", "heat", "bright", "beach"}
    };
    for (String name : List.of("train.csv", "test.csv")) {
      StringBuilder csv = new StringBuilder("text,weather\n");
      for (int i = 0; i < (name.startsWith("train") ? 600 : 100); i++) {
        int label = random.nextInt(2);
        csv.append('"');
        for (int w = 0; w < 6; w++) {
          csv.append(words[random.nextInt(5) == 0 ? 1 - label : label][random.nextInt(5)])
              .append(w % 3 == 2 ? ",\n" : " ");
          csv.append("filler").append(random.nextInt(200)).append(' ');
        }
        csv.append("\",\"").append(label == 0 ? "bad, wet" : "good").append("\"\n");
      }
      Files.writeString(folder.resolve(name), csv);
    }
  }

  private static Outcome train(String out, String... more) {
    List<String> args = new ArrayList<>(List.of("train"));
    args.addAll(Arrays.asList(more));
    String[][] defaults = {
      {"--train", folder.resolve("train.csv").toString()},
      {"--label", "weather"},
      {"--vectors", "none"},
      {"--teacher", "none"},
      {"--steps", "200"},
      {"--out", folder.resolve(out).toString()}
    };
    for (String[] option : defaults) {
      if (!args.contains(option[0])) {
        args.addAll(List.of(option));
      }
    }
    return run(args.toArray(new String[0]));
  }

  /** Most labels are wrong, and their confidence says so. */
  @Test
  void doubtfulLabelsCountAsMuchAsTheyAreTrusted() throws IOException {
    Random random = new Random(7);
    StringBuilder csv = new StringBuilder("text,label,confidence\n");
    for (int i = 0; i < 400; i++) {
      int label = random.nextInt(2);
      boolean wrong = i % 4 != 0;
      for (int w = 0; w < 6; w++) {
        csv.append(label == 0 ? "rain" : "sun").append(random.nextInt(8)).append(' ');
      }
      csv.append(',').append((label == 0) != wrong ? "bad" : "good");
      csv.append(wrong ? ",0.1\n" : ",1\n");
    }
    Path file = Files.writeString(folder.resolve("doubtful.csv"), csv);
    Path test =
        Files.writeString(
            folder.resolve("sure.csv"),
            "text,label\nrain1 rain2 rain3,bad\nsun1 sun2 sun3,good\nrain5 rain7,bad\n");
    List<Double> accuracies = new ArrayList<>();
    for (List<String> more : List.of(List.<String>of(), List.of("--confidence", "confidence"))) {
      List<String> args = new ArrayList<>(more);
      args.addAll(
          List.of("--train", file.toString(), "--label", "label", "--test", test.toString()));
      args.addAll(List.of("--dev", test.toString().replace("sure", "dev")));
      Files.copy(
          test, folder.resolve("dev.csv"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      Outcome outcome = train("doubt" + accuracies.size(), args.toArray(new String[0]));
      assertThat(outcome.code()).as(outcome.err()).isZero();
      accuracies.add(
          Double.parseDouble(
              outcome.out().replaceAll("(?s).*On test: accuracy ([0-9.]+) %.*", "$1")));
    }
    assertThat(accuracies.get(0)).isLessThan(80); // dev takes the best, be it from before training
    assertThat(accuracies.get(1)).isEqualTo(100);
    Outcome none =
        train("never", "--train", file.toString(), "--label", "label", "--confidence", "q");
    assertThat(none.err()).contains("line 1: expected a column 'q' (--confidence)");
    Files.writeString(file, csv.append("rain1,bad,2\n"));
    Outcome wrong =
        train(
            "never", "--train", file.toString(), "--label", "label", "--confidence", "confidence");
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err()).contains("doubtful.csv, line 402: expected a confidence from 0 to 1");
  }

  @Test
  void fileToModelToAnswers() throws IOException {
    Outcome outcome = train("model", "--test", folder.resolve("test.csv").toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("online-90: dev ", "On test: accuracy ", "as bad, wet");
    Path model = folder.resolve("model");
    try (TextClassifier classifier = TextClassifier.load(model)) {
      assertThat(classifier.labels()).containsExactly("bad, wet", "good");
      assertThat(classifier.predict(List.of("Rain, storm & cloud!")).get(0).label())
          .isEqualTo("bad, wet");
      assertThat(classifier.predict(List.of("sun beach")).get(0).label()).isEqualTo("good");
    }
    assertThat(Files.readString(model.resolve("model-card.md")))
        .contains("train.csv=", "| vectors | none |", "precision");
    assertThat(Files.readString(model.resolve("model-card.json"))).contains("\"test_accuracy\"");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .noneMatch(n -> n.endsWith(".work") || n.endsWith(".part"));
    }
    Outcome evaluated =
        run(
            "evaluate",
            model.toString(),
            "--test",
            folder.resolve("test.csv").toString(),
            "--label",
            "weather");
    assertThat(evaluated.code()).isZero();
    assertThat(outcome.out()).contains(evaluated.out().lines().findFirst().get());
    Path sentences = Files.writeString(folder.resolve("sentences"), "rain cloud\nsun \"x\"\n");
    Outcome json =
        run("predict", model.toString(), "--input", sentences.toString(), "--json", "--top-k", "2");
    assertThat(json.code()).isZero();
    assertThat(json.out().lines().toList())
        .hasSize(2)
        .element(1)
        .asString()
        .startsWith("{\"text\":\"sun \\\"x\\\"\",\"label\":\"good\",\"probability\":0.")
        .contains("\"top\":{\"good\":0.", "\"bad, wet\":");
    assertThat(json.err()).contains("2 sentences, ");
    assertThat(run("predict", model.toString(), "--input", "nowhere").code()).isEqualTo(1);
    Outcome why = run("predict", model.toString(), "--input", sentences.toString(), "--explain");
    assertThat(why.out().lines().findFirst().orElseThrow())
        .matches("[^\\t]+\\t[01]\\.\\d{4}\\t\\S+ [+-][01]\\.\\d{3}, .*\\t.*");
    assertThat(run("predict", model.toString(), "--top-k", "0").code()).isEqualTo(2);
    Outcome inspected = run("inspect", model.toString());
    assertThat(inspected.code()).isZero();
    assertThat(inspected.out())
        .contains(
            "signature serving_default",
            "in  text: string [-1]",
            "out probabilities: float [-1, 2]",
            "vocabulary: 210 words",
            "embedding_wa",
            "Conv2D=4");
    Files.writeString(
        Files.createDirectories(folder.resolve("bad")).resolve("saved_model.pb"), "x");
    assertThat(run("inspect", folder.resolve("bad").toString()).err())
        .contains("expected the protocol buffer of a SavedModel")
        .hasLineCount(1);
    Outcome again = train("model");
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("does not exist yet");
    Outcome onnx = train("model.onnx");
    assertThat(onnx.code()).isEqualTo(2);
    assertThat(onnx.err()).contains("lowrank export --format onnx makes an ONNX file");
    Files.writeString(folder.resolve("file"), "x");
    Outcome below = train("file/model");
    assertThat(below.code()).isEqualTo(2);
    assertThat(below.err()).contains("expected a folder above it, found file ");
  }

  @Test
  void limitOfBytesIsKeptOrSaid() throws IOException {
    Outcome fits = train("small", "--max-bytes", "60KB");
    assertThat(fits.code()).as(fits.err()).isZero();
    long bytes = 0;
    try (Stream<Path> files = Files.walk(folder.resolve("small"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    assertThat(bytes).isLessThanOrEqualTo(60_000);
    Outcome tooSmall = train("tiny", "--max-bytes", "1KB", "--steps", "10");
    assertThat(tooSmall.code()).isEqualTo(1);
    assertThat(tooSmall.err())
        .containsPattern(
            "lowrank: --max-bytes 1KB cannot be met: the smallest model has about \\d+,\\d+ bytes \\(online-fixed-point-98-\\dbit\\), \\d,\\d+ of them for its model card")
        .hasLineCount(1);
    assertThat(tooSmall.out()).as("nothing was trained").isEmpty();
    assertThat(folder.resolve("tiny")).doesNotExist();
    assertThat(folder.resolve("tiny.work")).doesNotExist();
  }

  private static long size(String name) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(name))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void shareOfTheUncompressedFolderIsKeptOrTheSmallestIsNamed() throws IOException {
    train("uncompressed", "--remove", "0", "--steps", "10");
    Outcome fits = train("third", "--size", "33%", "--steps", "40");
    assertThat(fits.code()).as(fits.err()).isZero();
    assertThat(size("third")).isLessThanOrEqualTo(size("uncompressed") * 33 / 100);
    // 8, 4 and 2 bits, each at the largest rank that fits, so narrower codes have the larger one.
    assertThat(fits.out())
        .containsPattern("rank-\\d+-weights8bit-8bit: dev .*\\n.*weights4bit-4bit");
    try (TextClassifier model = TextClassifier.load(folder.resolve("third"))) {
      assertThat(model.predict(List.of("rain cloud", "sun heat"))).hasSize(2);
    }
    assertThat(folder.resolve("third/model-card.md"))
        .content()
        .contains("| asked_for_bytes |", "| candidates | [rank-");
    Outcome impossible = train("impossible", "--size", "1%", "--steps", "10");
    assertThat(impossible.code()).isEqualTo(1);
    assertThat(impossible.err())
        .containsPattern("the smallest has \\d+,\\d+ bytes \\(\\d+\\.\\d\\d %\\)")
        .contains("--max-words");
    assertThat(folder.resolve("impossible")).doesNotExist();
  }

  @Test
  void aCompactFileWithinANumberOfBytes() throws IOException {
    Outcome outcome =
        train("small.lrk", "--max-bytes", "6KB", "--test", folder.resolve("test.csv").toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    Path file = folder.resolve("small.lrk");
    assertThat(Files.size(file)).isLessThanOrEqualTo(6000);
    Predictor predictor = Predictor.load(file);
    assertThat(predictor.predict("rain cloud storm").label()).isEqualTo("bad, wet");
    assertThat(predictor.predict("sun heat beach").label()).isEqualTo("good");
    // What was scored is the file, not the model that it was made of.
    Outcome scored =
        run(
            "evaluate",
            file.toString(),
            "--test",
            folder.resolve("test.csv").toString(),
            "--label",
            "weather");
    assertThat(outcome.out()).contains(scored.out().lines().findFirst().orElseThrow());
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(p -> p.getFileName().toString())).noneMatch(n -> n.startsWith(".small"));
    }
    Outcome impossible = train("none.lrk", "--max-bytes", "1KB");
    assertThat(impossible.code()).as(impossible.err()).isEqualTo(1);
    assertThat(impossible.err()).contains("--max-bytes 1KB cannot be met", "the smallest has");
    assertThat(folder.resolve("none.lrk")).doesNotExist();
  }

  @Test
  void aSearchEndsInItsTimeAndSaysWhatItTried() throws IOException {
    Outcome outcome = train("tuned", "--tune", "4s", "--steps", "80", "--model", "dan");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .containsPattern("dev \\d+\\.\\d\\d %, 1/4 of the steps: none, dan of 64 units")
        .containsPattern("1/2 of the steps")
        .containsPattern("chosen: .+, dan of");
    assertThat(folder.resolve("tuned/model-card.md")).content().contains("1/4 of the steps");
  }

  @Test
  void unlabelledTextsNeedATeacher() throws IOException {
    Path texts = Files.writeString(folder.resolve("more.txt"), "rain cloud\nsun heat\n");
    Outcome refused = train("unlabelled", "--unlabelled", texts.toString());
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("--unlabelled needs a teacher");
    Outcome taught =
        train(
            "unlabelled",
            "--unlabelled",
            texts.toString(),
            "--teacher",
            "bge-small",
            "--steps",
            "40");
    assertThat(taught.code()).as(taught.err()).isZero();
    assertThat(folder.resolve("unlabelled/model-card.json"))
        .content()
        .contains("\"unlabelled\" : 2");
  }

  @Test
  void limitOfDropPicksASmallModel() {
    Outcome outcome = train("drop", "--max-drop", "100");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("online-fixed-point-98-4bit");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--remove 1.5 | 2 | --remove: expected a number in [0, 1), found 1.5",
        "--bits 5 | 2 | --bits: expected one of [32, 16, 8, 4], found 5",
        "--max-bytes many | 2 | expected a size such as 500KB",
        "--max-bytes 1MB --remove 0.5 | 2 | give only one of them",
        "--size 1 | 2 | --size: expected a share of the uncompressed model such as 1%, found '1'",
        "--size 100% | 2 | --size: expected a share",
        "--size 1% --bits 4 | 2 | --size chooses rank and bits",
        "--dev-fraction 0 | 2 | --dev-fraction: expected a number in (0, 1)",
        "--dev-limit 0 | 2 | --dev-limit: expected a number of at least 1, found 0",
        "--max-words 0 | 2 | --max-words: expected a number of at least 1, found 0",
        "--class-weights heavy | 2 | --class-weights: expected none or balanced, found 'heavy'",
        "--spans 2 | 2 | --spans needs a teacher",
        "--vectors none+bge-small | 2 | --vectors none+bge-small: expected vectors on both sides of +",
        "--tune 5x | 2 | expected a time such as 90s, 5m or 1h, found '5x'",
        "--tune 0s | 2 | expected a time such as 90s, 5m or 1h, found '0s'",
        "--tune 5m --size 1% | 2 | --tune searches at one fraction and width",
        "--vocabulary 16 | 2 | --vocabulary is for compact files",
        "--class-weights balanced --steps 20 | 0 | ",
        "--charset klingon | 2 | expected the name of an encoding",
        "--text nothing | 1 | expected a column 'nothing' (--text)",
        "--vectors nowhere.txt | 1 | nowhere.txt does not exist",
        "--dev nowhere.csv | 1 | nowhere.csv does not exist",
        "--model rnn | 2 | rnn",
        "--remove 0.9999 --steps 2 | 0 | "
      })
  void mistakesAreExplained(String options, int code, String message) {
    Outcome outcome = train("x" + options.hashCode(), options.split(" "));
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(code);
    assertThat(outcome.err()).contains(message == null ? "" : message).doesNotContain("\tat ");
  }

  @Test
  void evaluateExplainsMistakes() throws IOException {
    Path file = Files.writeString(folder.resolve("other.txt"), "__label__snow x\n");
    train("for-evaluate", "--steps", "10");
    Outcome label =
        run("evaluate", folder.resolve("for-evaluate").toString(), "--test", file.toString());
    assertThat(label.code()).isEqualTo(1);
    assertThat(label.err())
        .contains(
            "other.txt: expected labels of the model's training texts ('bad, wet', 'good'), found only 'snow' (1)");
    Path some =
        Files.writeString(
            folder.resolve("some.csv"),
            "text,weather\nrain cloud,\"bad, wet\"\nflakes,snow\nsun beach,good\nmist,fog\n");
    String model = folder.resolve("for-evaluate").toString();
    Outcome scored = run("evaluate", model, "--test", some.toString(), "--label", "weather");
    assertThat(scored.code()).as(scored.err()).isZero();
    assertThat(scored.err())
        .contains(
            "some.csv: 2 of 4 texts have a label that the model's training texts do not have: "
                + "'snow' (1), 'fog' (1), first in line 3; they count as errors");
    assertThat(scored.out()).contains(", 4 texts", "(unknown label)");
    Outcome strict =
        run("evaluate", model, "--strict", "--test", some.toString(), "--label", "weather");
    assertThat(strict.code()).isEqualTo(1);
    assertThat(strict.out()).isEmpty();
    assertThat(strict.err()).contains("some.csv: 2 of 4 texts").hasLineCount(1);
  }

  @Test
  void labelsThatTrainDoesNotHaveAreErrors() throws IOException {
    String test = Files.readString(folder.resolve("test.csv"));
    String more = folder.resolve("more.csv").toString();
    Files.writeString(Path.of(more), test + "flakes,snow\n".repeat(100));
    Outcome outcome = train("unknown", "--dev", more, "--test", more + ".csv");
    assertThat(outcome.code()).isEqualTo(1);
    Files.copy(Path.of(more), Path.of(more + ".csv"));
    outcome = train("unknown", "--dev", more, "--test", more + ".csv");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).containsPattern("accuracy [45]\\d\\.\\d+ %.*, 200 texts");
    assertThat(Files.readString(folder.resolve("unknown/model-card.json")))
        .contains("\"texts_with_unknown_labels\"");
    Outcome strict = train("strict", "--strict", "--dev", more);
    assertThat(strict.code()).isEqualTo(1);
    assertThat(strict.err())
        .contains(
            "more.csv: 100 of 200 texts have a label that the training texts do not have: 'snow' (100), first in line 302")
        .hasLineCount(1);
    assertThat(folder.resolve("strict")).doesNotExist();
    assertThat(outcome.out()).contains("(unknown label)");
  }

  /** Each class has the same words. */
  @Test
  void pairsTellWhatWordsDoNot() throws IOException {
    Random random = new Random(1);
    StringBuilder csv = new StringBuilder("text,label\n");
    for (int i = 0; i < 600; i++) {
      boolean bad = random.nextBoolean();
      csv.append("\"filler").append(random.nextInt(20)).append(bad ? ", not good" : ", good not");
      csv.append(", filler").append(random.nextInt(20)).append("\",").append(bad).append('\n');
    }
    Path file = Files.writeString(folder.resolve("order.csv"), csv);
    String[] options = {"--train", file.toString(), "--label", "label", "--dev-fraction", "0.3"};
    assertThat(order("words", concat(options, "--ngrams", "1", "--model", "dan")))
        .isBetween(0.3, 0.7);
    assertThat(order("pairs", concat(options, "--ngrams", "2"))).isGreaterThan(0.95);
    assertThat(order("filters", options)).isGreaterThan(0.95);
    Path model = folder.resolve("pairs");
    assertThat(Files.readAllLines(model.resolve("assets/vocabulary.txt")))
        .contains("good not", "not good", "good")
        .doesNotContain("good filler0 not");
    assertThat(Files.readString(model.resolve("model-card.json")))
        .contains("\"ngrams\" : 2", "\"min_pairs\" : 2");
    try (TextClassifier classifier = TextClassifier.load(model)) {
      assertThat(classifier.predict(List.of("Not good!", "good, not", "")))
          .extracting(TextClassifier.Prediction::label)
          .startsWith("true", "false");
    }
    Path compact = folder.resolve("pairs.lrk");
    assertThat(
            run("export", model.toString(), "--format", "compact", "--out", compact.toString())
                .code())
        .isZero();
    assertThat(Predictor.load(compact).predict("Not good!").label()).isEqualTo("true");
  }

  private static String[] concat(String[] some, String... more) {
    return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray(String[]::new);
  }

  private static double order(String out, String... options) throws IOException {
    Outcome outcome = train(out, options);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return Json.read(folder.resolve(out).resolve("model-card.json"), JsonNode.class)
        .get("dev_accuracy")
        .asDouble();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--ngrams 3 | --ngrams: expected 1 or 2, found 3",
        "--min-pairs 0 | --min-pairs: expected a number of at least 1, found 0",
        "--ngrams 2 --model lstm | --ngrams 2 is for --model dan or linear"
      })
  void pairsThatCannotBeAreAnErrorOfUsage(String options, String message) {
    Outcome outcome = train("nowhere", options.split(" "));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains(message);
  }

  @Test
  void sizesAreRead() {
    assertThat(ByteSize.of("500KB").bytes()).isEqualTo(500_000);
    assertThat(ByteSize.of("1.5 mb").bytes()).isEqualTo(1_500_000);
    assertThat(ByteSize.of("77").bytes()).isEqualTo(77);
    assertThatThrownBy(() -> ByteSize.of("-1")).hasMessageContaining("such as 500KB");
  }

  @Test
  void classReportByHand() {
    ClassReport.Counter counter = new ClassReport.Counter(List.of("a", "b"));
    List<String> truth = List.of("a", "a", "a", "b", "b", "b", "b", "b", "b", "b");
    List<String> answers = List.of("a", "a", "b", "b", "b", "b", "b", "b", "a", "b");
    for (int i = 0; i < 10; i++) {
      counter.count(truth.get(i), answers.get(i));
    }
    ClassReport r = counter.report();
    assertThat(r.accuracy()).isCloseTo(0.8, within(1e-12));
    assertThat(r.precision(0)).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(r.recall(1)).isCloseTo(6 / 7.0, within(1e-12));
    // Wilson's interval of 8 in 10, as published tables have it.
    assertThat(r.interval()[0]).isCloseTo(0.4901625, within(1e-6));
    assertThat(r.interval()[1]).isCloseTo(0.9433178, within(1e-6));
  }

  @Test
  void textsOfAnyNumberOfLabels() throws IOException {
    Random random = new Random(3);
    String[] words = {"rain", "storm", "heat"};
    for (String name : List.of("many.csv", "many-test.csv")) {
      StringBuilder csv = new StringBuilder("text,labels\n");
      for (int i = 0; i < (name.equals("many.csv") ? 500 : 100); i++) {
        List<String> found = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (String word : words) {
          if (random.nextInt(3) == 0) {
            found.add("is " + word);
            text.append(word).append(' ');
          }
          text.append("filler").append(random.nextInt(5)).append(' ');
        }
        csv.append(text).append(',').append(String.join("; ", found)).append('\n');
      }
      Files.writeString(folder.resolve(name), csv);
    }
    String[] file = {
      "--train",
      folder.resolve("many.csv").toString(),
      "--label",
      "labels",
      "--label-separator",
      ";"
    };
    String[] test = {
      "--test", folder.resolve("many-test.csv").toString(), "--max-bytes", "20KB", "--steps", "800"
    };
    Outcome trained = train("many.lrk", concat(file, test));
    assertThat(trained.code()).as(trained.err()).isZero();
    assertThat(trained.out()).contains("On test: P@1 ", "with threshold 0.", "is storm", "tf-idf");
    Path model = folder.resolve("many.lrk");
    Predictor predictor = Predictor.load(model);
    assertThat(predictor.multiLabel()).isTrue();
    assertThat(predictor.labels("rain filler1 filler2 heat filler0"))
        .extracting(Predictor.Label::name)
        .containsExactlyInAnyOrder("is rain", "is heat");
    assertThat(predictor.labels("filler1 filler2 filler3")).isEmpty();
    JsonNode card = Json.parse(predictor.card(), "card", JsonNode.class);
    assertThat(card.path("test_f1").asDouble()).isGreaterThan(0.95);
    assertThat(card.path("test_precision_at_1").asDouble()).isGreaterThan(0.95);

    Path sentences =
        Files.writeString(
            folder.resolve("many.txt"),
            "filler0 storm filler2 heat filler3\nfiller1 filler2 filler4\n");
    Outcome answers = run("predict", model.toString(), "--input", sentences.toString());
    assertThat(answers.out().lines().toList())
        .hasSize(2)
        .element(1)
        .isEqualTo("\t\tfiller1 filler2 filler4");
    assertThat(answers.out().lines().findFirst().orElseThrow())
        .contains("is heat\t", "is storm\t")
        .doesNotContain("is rain")
        .endsWith("\tfiller0 storm filler2 heat filler3");
    Outcome json =
        run(
            "predict",
            model.toString(),
            "--input",
            sentences.toString(),
            "--json",
            "--threshold",
            "0");
    assertThat(json.out()).contains("\"labels\":{", "\"is rain\":");
    Outcome scored =
        run(
            "evaluate",
            model.toString(),
            "--test",
            folder.resolve("many-test.csv").toString(),
            "--label",
            "labels",
            "--label-separator",
            ";");
    assertThat(trained.out()).contains(scored.out().lines().findFirst().orElseThrow());

    Outcome balanced = train("no", concat(file, "--class-weights", "balanced"));
    assertThat(balanced.code()).isEqualTo(2);
    assertThat(balanced.err()).contains("texts of any number of labels have neither teachers");
    Path two = Files.writeString(folder.resolve("two.txt"), "__label__good __label__x sun\n");
    Outcome refused = run("evaluate", folder.resolve("model").toString(), "--test", two.toString());
    assertThat(refused.code()).isEqualTo(1);
  }
}
