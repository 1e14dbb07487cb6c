package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.export.FrozenGraph;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.io.AtomicFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import picocli.CommandLine;

/** {@code compress} and {@code export}, and odd training files, by exit codes and messages. */
class ModelCommandsTest {
  @TempDir static Path folder;
  private static Path model;

  private record Outcome(int code, String out, String err) {}

  private static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new Cli(Experiments.all())
            .execute(new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Outcome(code, out.toString(), err.toString());
  }

  private static Outcome train(String content, String out, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve(out + ".csv"), content);
    List<String> args =
        new ArrayList<>(
            List.of("train", "--train", file.toString(), "--out", folder.resolve(out).toString()));
    args.addAll(List.of("--steps", "40"));
    args.addAll(Arrays.asList(more));
    if (!args.contains("--vectors")) {
      args.addAll(List.of("--vectors", "none"));
    }
    if (!args.contains("--model")) {
      args.addAll(List.of("--model", "dan")); // whose size is that of its table
    }
    return run(args.toArray(new String[0]));
  }

  private static String weather() {
    Random random = new Random(3);
    StringBuilder csv = new StringBuilder("text,label\n");
    for (int i = 0; i < 300; i++) {
      boolean wet = random.nextBoolean();
      csv.append(wet ? "rain cloud" : "sun beach");
      for (int w = 0; w < 4; w++) {
        csv.append(" filler").append(random.nextInt(400));
      }
      csv.append(',').append(wet ? "wet" : "dry").append('\n');
    }
    return csv.toString();
  }

  @BeforeAll
  static void trainUncompressed() throws IOException {
    Outcome outcome = train(weather(), "model", "--remove", "0");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    model = folder.resolve("model");
  }

  @Test
  void compressListsShrinksAndReports() throws IOException {
    Outcome listed = run("compress", "--model", model.toString());
    assertThat(listed.code()).isZero();
    assertThat(listed.out())
        .contains("embedding", "lookups", "2 other float matrices are not looked up");
    Path small = folder.resolve("small");
    Outcome outcome =
        run("compress", "--model", model.toString(), "--remove", "0.9", "--out", small.toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains("% removed), relative error of the table 0.")
        .containsPattern("output probabilities, random inputs: largest difference 0\\.\\d+");
    assertThat(Files.size(small.resolve("variables/variables.data-00000-of-00001")))
        .isLessThan(Files.size(model.resolve("variables/variables.data-00000-of-00001")) / 5);
    assertThat(small.resolve("model-card.md")).doesNotExist(); // the original's is no longer true
    assertThat(Files.readString(small.resolve("model-card.json")))
        .startsWith("{\n  \"made_by\" : \"lowrank compress\"")
        .contains(
            "\"sha256\" : \"" + AtomicFiles.checksum(model), "\"dev_accuracy\"", "\"rank\" : 17");
    Path texts =
        Files.writeString(folder.resolve("texts.txt"), "rain cloud\nsun beach\n".repeat(20));
    Path again = folder.resolve("again");
    Outcome retrained =
        run(
            "compress",
            "--model",
            model.toString(),
            "--retrain",
            texts.toString(),
            "--steps",
            "20",
            "--out",
            again.toString());
    assertThat(retrained.code()).as(retrained.err()).isZero();
    Outcome predicted = run("predict", again.toString(), "--input", texts.toString());
    assertThat(predicted.out().lines().limit(2).toList())
        .satisfiesExactly(
            l -> assertThat(l).startsWith("wet\t"), l -> assertThat(l).startsWith("dry\t"));
    Outcome labelled =
        run(
            "compress",
            "--model",
            model.toString(),
            "--train",
            folder.resolve("model.csv").toString(),
            "--steps",
            "20",
            "--out",
            folder.resolve("labelled").toString());
    assertThat(labelled.code()).as(labelled.err()).isZero();
    assertThat(labelled.out()).containsPattern("embedding: accuracy on 30 held-out texts [01]\\.");
    Outcome bits =
        run(
            "compress",
            "--model",
            model.toString(),
            "--bits",
            "8",
            "--out",
            folder.resolve("bits").toString());
    assertThat(bits.code()).as(bits.err()).isZero();
  }

  /** The model's own name may be a link; nothing of what it names is missing afterwards. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void linkToAModelIsTheModel() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), model);
    for (String command :
        List.of("compress --model %s --out %s", "export %s --format savedmodel --out %s")) {
      Path direct = folder.resolve(command.substring(0, 6) + "-direct");
      Path linked = folder.resolve(command.substring(0, 6) + "-linked");
      assertThat(run(command.formatted(model, direct).split(" ")).code()).isZero();
      Outcome outcome = run(command.formatted(link, linked).split(" "));
      assertThat(outcome.code()).as(outcome.err()).isZero();
      assertThat(outcome.out()).doesNotContain(" 0 bytes", "Infinity");
      assertThat(AtomicFiles.checksum(linked)).isEqualTo(AtomicFiles.checksum(direct));
    }
  }

  /** Names that unfinished outputs once had. */
  @Test
  void neighboursOfTheOutputAreNotTouched() throws IOException {
    Path parent = Files.createDirectory(folder.resolve("neighbours"));
    for (String name : List.of("a.part", "b.part", "c.part", "a.work")) {
      Files.writeString(Files.createDirectory(parent.resolve(name)).resolve("mine"), name);
    }
    String neighbours = parent.toString();
    for (String command :
        List.of(
            "compress --model %s --out %s/a",
            "export %s --format frozen --out %s/b", "export %s --format savedmodel --out %s/c")) {
      assertThat(run(command.formatted(model, neighbours).split(" ")).code()).isZero();
    }
    try (Stream<Path> files = Files.list(parent)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("a", "b", "c", "a.part", "b.part", "c.part", "a.work");
    }
    for (String name : List.of("a.part", "b.part", "c.part", "a.work")) {
      assertThat(parent.resolve(name).resolve("mine")).hasContent(name);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--remove 1 | 2 | --remove: expected a number in (0, 1), found 1.0",
        "--bits 5 | 2 | --bits: expected 32, 16, 8, 4, 3, 2 or 1, found 5",
        "--steps 0 | 2 | --steps: expected a number of at least 1, found 0",
        "--max-bytes -1 | 2 | '--max-bytes': expected a size such as 500KB or 2MB, found '-1'",
        "--max-bytes 400QB | 2 | '--max-bytes': expected a size such as 500KB or 2MB, found '400QB'",
        "--max-bytes 0.4KB | 1 | --max-bytes 400",
        "--min-bytes 2GB | 1 | of at least 2,000,000,000 bytes",
        "--variable nothing | 1 | expected a float matrix named nothing, found [embedding (",
        "--variable hidden0_bias | 1 | expected a float matrix named hidden0_bias, found VarHandleOp with the shape [64]",
        "--variable hidden0 | 1 | no lookup of its rows was found",
        "--retrain a.csv --train b.csv | 2 | --retrain and --train: expected only one of them",
        "--remove 0 --bits 8 --train b.csv | 2 | --train trains factors: expected --remove above 0",
        "--retrain nowhere.txt | 1 | nowhere.txt does not exist: expected a file of texts",
        "--model nowhere | 1 | nowhere does not exist: expected the folder of a SavedModel"
      })
  void mistakesInCompressAreExplained(String options, int code, String message) {
    List<String> args = new ArrayList<>(List.of("compress"));
    args.addAll(Arrays.asList(options.split(" ")));
    if (!args.contains("--model")) {
      args.addAll(List.of("--model", model.toString()));
    }
    Path out = folder.resolve("never");
    args.addAll(List.of("--out", out.toString()));
    Outcome outcome = run(args.toArray(new String[0]));
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(code);
    assertThat(outcome.err()).contains(message).doesNotContain("\tat ");
    assertThat(out).doesNotExist();
  }

  @Test
  void corruptModelsAreNamedByEveryCommand() throws IOException {
    Path corrupt = Files.createDirectories(folder.resolve("corrupt"));
    Files.writeString(corrupt.resolve("saved_model.pb"), "x");
    Path out = folder.resolve("from-corrupt");
    for (String[] args :
        new String[][] {
          {"compress", "--model", corrupt.toString(), "--out", out.toString()},
          {"export", corrupt.toString(), "--format", "frozen", "--out", out.toString()},
          {"export", corrupt.toString(), "--format", "savedmodel", "--out", out.toString()},
          {"inspect", corrupt.toString()},
          {"predict", corrupt.toString()}
        }) {
      Outcome outcome = run(args);
      assertThat(outcome.code()).as(args[0]).isEqualTo(1);
      assertThat(outcome.err()).contains("corrupt").doesNotContain("\tat ").hasLineCount(1);
      assertThat(out).doesNotExist();
    }
  }

  /** A model that writes a file whenever it answers. */
  @Test
  void modelsThatWriteFilesAreRefusedUnlessTrusted() throws IOException {
    Path written = folder.resolve("written");
    Path writer = folder.resolve("writer");
    AtomicFiles.copy(model, writer);
    SavedModel.Builder saved = SavedModels.parse(model).toBuilder();
    GraphDef.Builder graph = saved.getMetaGraphsBuilder(0).getGraphDefBuilder();
    TextFormat.merge(
        """
        node { name: "to" op: "Const" attr { key: "dtype" value { type: DT_STRING } }
          attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape { } string_val: "%s" } } } }
        node { name: "write" op: "WriteFile" input: "to" input: "to" }
        """
            .formatted(written),
        graph);
    for (NodeDef.Builder node : graph.getNodeBuilderList()) {
      if (node.getName().equals("probabilities")) {
        node.addInput("^write");
      }
    }
    Files.write(writer.resolve(SavedModels.FILE), saved.build().toByteArray());
    String csv = folder.resolve("model.csv").toString();
    Path out = folder.resolve("from-writer");
    for (String command :
        List.of(
            "predict %s --input " + csv,
            "evaluate %s --test " + csv,
            "export %s --format frozen --out " + out,
            "export %s --format savedmodel --out " + out,
            "compress --model %s --out " + out)) {
      String[] args = command.formatted(writer).split(" ");
      Outcome outcome = run(args);
      assertThat(outcome.code()).as(command).isEqualTo(1);
      assertThat(outcome.err())
          .contains("a model is a program", "WriteFile (write)", "--trust-model")
          .hasLineCount(1);
      assertThat(written).doesNotExist();
      assertThat(out).doesNotExist();
      String[] trusting = Arrays.copyOf(args, args.length + 1);
      trusting[args.length] = "--trust-model";
      outcome = run(trusting);
      assertThat(outcome.code()).as(command + outcome.err()).isZero();
      assertThat(Files.deleteIfExists(written))
          .as(command)
          .isEqualTo(!command.startsWith("export"));
      AtomicFiles.delete(out);
    }
    assertThat(run("inspect", writer.toString()).out()).contains("other code: WriteFile (write);");
    assertThat(written).doesNotExist();
  }

  @Test
  void compactFilesAnswerAsTheirModels() throws IOException {
    Path texts =
        Files.writeString(
            folder.resolve("asked.txt"), "rain cloud\r\nsun, BEACH caf\u00e9\n\nfiller1 a\tb");
    Outcome expected = run("predict", model.toString(), "--input", texts.toString());
    Outcome asJson =
        run("predict", model.toString(), "--input", texts.toString(), "--json", "--top-k", "2");
    for (String vocabulary : List.of("exact", "16")) {
      Path file = folder.resolve("model-" + vocabulary + ".lrk");
      Outcome outcome =
          run(
              "export",
              model.toString(),
              "--format",
              "compact",
              "--vocabulary",
              vocabulary,
              "--out",
              file.toString());
      assertThat(outcome.code()).as(outcome.err()).isZero();
      assertThat(outcome.out())
          .contains(
              "table ",
              "%s: %,d bytes".formatted(file, Files.size(file)),
              vocabulary.equals("16") ? "1.5e-05 are taken for known ones" : "stored as they are");
      Outcome found = run("predict", file.toString(), "--input", texts.toString());
      assertThat(found.out()).isEqualTo(expected.out());
      assertThat(found.err()).contains("4 sentences");
      Outcome json =
          run("predict", file.toString(), "--input", texts.toString(), "--json", "--top-k", "2");
      assertThat(json.out().replaceAll("(\\d\\.\\d{3})\\d*", "$1"))
          .isEqualTo(asJson.out().replaceAll("(\\d\\.\\d{3})\\d*", "$1"));
      String csv = folder.resolve("model.csv").toString();
      assertThat(run("evaluate", file.toString(), "--test", csv).out())
          .contains("accuracy")
          .isEqualTo(run("evaluate", model.toString(), "--test", csv).out());
      assertThat(run("inspect", file.toString()).out()).contains("\"made_by\" : \"lowrank train");
      Path out = folder.resolve("from-compact");
      for (String command :
          List.of(
              "export %s --format onnx --out " + out,
              "export %s --format savedmodel --out " + out,
              "compress --model %s --out " + out)) {
        Outcome refused = run(command.formatted(file).split(" "));
        assertThat(refused.code()).as(command).isEqualTo(1);
        assertThat(refused.err())
            .contains(file + " is a compact file, for predict, evaluate and inspect only: expected")
            .hasLineCount(1);
        assertThat(out).doesNotExist();
      }
    }
  }

  @Test
  void whatIsNoCompactFileIsNamed() throws IOException {
    Path csv = folder.resolve("model.csv");
    Outcome outcome = run("predict", csv.toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("model.csv, byte 0: expected a compact file of Lowrank, found other bytes")
        .hasLineCount(1);
    String[] export = {
      "export", model.toString(), "--out", folder.resolve("x").toString(), "--vocabulary", "16"
    };
    List<String> frozen = new ArrayList<>(List.of(export));
    frozen.addAll(List.of("--format", "frozen"));
    outcome = run(frozen.toArray(new String[0]));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("--vocabulary is for --format compact");
    frozen.set(5, "15");
    outcome = run(frozen.toArray(new String[0]));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("--vocabulary: expected exact, 16, 24 or 32, found '15'");
    Path small = folder.resolve("compressed-once");
    assertThat(
            run(
                    "compress",
                    "--model",
                    model.toString(),
                    "--remove",
                    "0.9",
                    "--out",
                    small.toString())
                .code())
        .isZero();
    outcome =
        run(
            "export",
            small.toString(),
            "--format",
            "compact",
            "--out",
            folder.resolve("changed.lrk").toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains(small.toString());
    assertThat(folder.resolve("changed.lrk")).doesNotExist();
  }

  @Test
  void exportsAreCompleteAndNamed() throws IOException {
    Path frozen = folder.resolve("frozen.pb");
    Outcome outcome =
        run("export", model.toString(), "--format", "frozen", "--out", frozen.toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(FrozenGraph.probabilities(frozen, List.of("rain", "beach"))).hasDimensions(2, 2);
    Path serving = folder.resolve("serving/1");
    assertThat(
            run("export", model.toString(), "--format", "savedmodel", "--out", serving.toString())
                .code())
        .isZero();
    assertThat(serving.resolve("model-card.md")).doesNotExist();
    assertThat(run("predict", serving.toString(), "--input", model + "/model-card.md").code())
        .isZero();
    Outcome exists =
        run("export", model.toString(), "--format", "frozen", "--out", frozen.toString());
    assertThat(exists.code()).isEqualTo(2);
    assertThat(exists.err()).contains("expected a path that does not exist yet");
    Outcome unknown = run("export", model.toString(), "--format", "pmml", "--out", "x");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err())
        .contains(
            "'--format': expected one of savedmodel, frozen, compact, onnx, onnx-rows, found 'pmml'");
  }

  @Test
  void vectorsThatMatchNoWordAreRefused() throws IOException {
    Path vectors = Files.writeString(folder.resolve("none.txt"), "RAIN 1 2 3\nSUN 1 2 4\n");
    Outcome outcome = train(weather(), "unmatched", "--vectors", vectors.toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .containsPattern(
            "lowrank: none.txt: expected vectors of some of the 4\\d\\d words of the texts, such as '\\w+', found none; --vectors none trains without")
        .hasLineCount(1);
    assertThat(folder.resolve("unmatched")).doesNotExist();
  }

  @Test
  void changedVocabularyIsRefusedByEveryCommandThatAnswers() throws IOException {
    Path cut = folder.resolve("cut");
    AtomicFiles.copy(model, cut);
    Path vocabulary = cut.resolve("assets/vocabulary.txt");
    String words = Files.readString(vocabulary);
    Path out = folder.resolve("from-cut");
    String csv = folder.resolve("model.csv").toString();
    for (String left : List.of(words.substring(0, words.length() - 3), "", words + "more\n")) {
      Files.writeString(vocabulary, left);
      for (String[] args :
          new String[][] {
            {"predict", cut.toString(), "--input", csv},
            {"evaluate", cut.toString(), "--test", csv},
            {"compress", "--model", cut.toString(), "--out", out.toString()},
            {"export", cut.toString(), "--format", "frozen", "--out", out.toString()},
            {"export", cut.toString(), "--format", "savedmodel", "--out", out.toString()}
          }) {
        Outcome outcome = run(args);
        assertThat(outcome.code()).as(args[0]).isEqualTo(1);
        assertThat(outcome.err())
            .contains("vocabulary.txt: expected the file that was written with the model")
            .hasLineCount(1);
        assertThat(outcome.out()).doesNotContain("largest difference");
        assertThat(out).doesNotExist();
      }
    }
  }

  /** Other programs see it too: TensorFlow counts the lines when it loads the model. */
  @Test
  void shorterVocabularyDoesNotLoad() throws IOException {
    Path cut = folder.resolve("shorter");
    AtomicFiles.copy(model, cut);
    Path vocabulary = cut.resolve("assets/vocabulary.txt");
    List<String> words = Files.readAllLines(vocabulary);
    Files.write(vocabulary, words.subList(0, words.size() - 1));
    assertThatThrownBy(() -> SavedModelBundle.load(cut.toString(), "serve").close())
        .hasMessageContaining("vocab_size");
  }

  @Test
  void inputsThatAreNoTextsAreNamed() throws IOException {
    Path latin = folder.resolve("latin.txt");
    Files.write(latin, "rain\ncaf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    Outcome outcome = run("predict", model.toString(), "--input", latin.toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("latin.txt, line ", ": expected UTF-8").hasLineCount(1);
    outcome = run("predict", model.toString(), "--input", folder.toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains(" is a folder: expected a file of sentences (--input)");
    outcome = train(weather(), "same", "--dev", folder.resolve("same.csv").toString());
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("same.csv is the training file: expected other texts");
    outcome = train(weather(), "folder", "--vectors", folder.toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains(" is a folder: expected a file of word vectors");
    assertThat(folder.resolve("folder")).doesNotExist();
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  @Timeout(100)
  void pipesAreRead() throws Exception {
    Path csv = Files.writeString(folder.resolve("plain.csv"), weather());
    Path pipe = folder.resolve("pipe.csv");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    new ProcessBuilder("sh", "-c", "cat " + csv + " > " + pipe).start();
    Path out = folder.resolve("from-pipe");
    Outcome outcome =
        run(("train --steps 10 --vectors none --train " + pipe + " --out " + out).split(" "));
    assertThat(outcome.code()).as(outcome.err()).isZero();
    new ProcessBuilder("sh", "-c", "cat " + csv + " > " + pipe).start();
    assertThat(run("predict", out.toString(), "--input", pipe.toString()).out()).hasLineCount(301);
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  @Timeout(100)
  void vectorsAreReadFromPipes() throws Exception {
    Path vectors = Files.writeString(folder.resolve("w.vec"), "rain 1 2 3\nsun 1 2 4\n");
    Outcome plain = train(weather(), "from-file", "--vectors", vectors.toString(), "--bits", "8");
    assertThat(plain.code()).as(plain.err()).isZero();
    Path pipe = Files.createDirectory(folder.resolve("pipe")).resolve("w.vec");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    new ProcessBuilder("sh", "-c", "cat " + vectors + " > " + pipe).start();
    Outcome piped = train(weather(), "from-fifo", "--vectors", pipe.toString(), "--bits", "8");
    assertThat(piped.code()).as(piped.err()).isZero();
    assertThat(piped.out().replace("from-fifo", "from-file")).isEqualTo(plain.out());
    assertThat(folder.resolve("from-fifo/model-card.md")).content().contains("| vectors | w.vec |");
    Path bad = folder.resolve("pipe/bad.vec");
    assertThat(new ProcessBuilder("mkfifo", bad.toString()).start().waitFor()).isZero();
    new ProcessBuilder("sh", "-c", "echo 'rain 1 2 3\nsun 1 2' > " + bad).start();
    Outcome named = train(weather(), "from-bad", "--vectors", bad.toString());
    assertThat(named.code()).isEqualTo(1);
    assertThat(named.err())
        .containsPattern(
            "lowrank: .*bad\\.vec, line 2: expected a word and 3 numbers, found 2 numbers");
    assertThat(folder.resolve("from-bad")).doesNotExist();
  }

  @Test
  void endlessLinesAreNamedByEveryCommand() throws IOException {
    String texts = "__label__wet rain cloud\n__label__dry " + "b".repeat(11_000_000);
    String file = Files.writeString(folder.resolve("endless"), texts).toString();
    Path out = folder.resolve("from-endless");
    for (String args :
        List.of(
            "predict " + model + " --input " + file,
            "predict " + model,
            "evaluate " + model + " --test " + file,
            "train --vectors none --train " + file + " --out " + out,
            "compress --model " + model + " --inputs " + file + " --out " + out,
            "compress --model " + model + " --retrain " + file + " --out " + out)) {
      InputStream standard = System.in;
      Outcome outcome;
      try {
        System.setIn(new ByteArrayInputStream(texts.getBytes(StandardCharsets.UTF_8)));
        outcome = run(args.split(" "));
      } finally {
        System.setIn(standard);
      }
      assertThat(outcome.code()).as(args).isEqualTo(1);
      assertThat(outcome.err())
          .as(args)
          .isEqualToIgnoringNewLines(
              "lowrank: %s, line 2: expected a text of at most 10,000,000 characters, found more"
                  .formatted(args.contains(file) ? file : "standard input"));
      assertThat(out).doesNotExist();
    }
  }

  @Test
  void labelsCannotBreakLinesOrBecomeMarkup() throws IOException {
    String csv =
        weather()
            .replace(",wet", ",\"<img src=x onerror=alert(1)>|\tw\\[a](b)\nx\"")
            .replace(",dry", ",<b>dry `*_~&amp;");
    Path file = Files.writeString(folder.resolve("odd.csv"), csv);
    Outcome outcome = train(csv, "odd", "--test", file.toString() + "2");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("odd.csv2 does not exist");
    outcome = train(csv, "odd");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    Path texts = Files.writeString(folder.resolve("rain.txt"), "rain cloud\n");
    String odd = folder.resolve("odd").toString();
    assertThat(run("predict", odd, "--input", texts.toString()).out())
        .hasLineCount(1)
        .startsWith("<img src=x onerror=alert(1)>|\\tw\\\\[a](b)\\nx\t")
        .endsWith("\train cloud\n");
    assertThat(run("predict", odd, "--json", "--input", texts.toString()).out())
        .hasLineCount(1)
        .contains("\"label\":\"<img src=x onerror=alert(1)>|\\tw\\\\[a](b)\\nx\"");
    assertThat(Files.readString(folder.resolve("odd/model-card.md")))
        .doesNotContain("<img", "<b>", "](b)")
        .contains("&lt;img src=x onerror=alert(1)>")
        .contains("&lt;b>dry \\`\\*\\_\\~&amp;amp;");
  }

  /** Whatever fills the memory ends with one line. */
  @Test
  void usedUpHeapIsOneLine() {
    @CommandLine.Command
    class Greedy implements Runnable {
      @Override
      public void run() {
        throw new OutOfMemoryError("Java heap space");
      }
    }
    StringWriter err = new StringWriter();
    int code =
        Cli.execute(new Greedy(), new PrintWriter(new StringWriter()), new PrintWriter(err, true));
    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .matches(
            "lowrank: the data need more memory than Java's limit of [\\d,]+ MB: raise it with LOWRANK_JAVA_OPTS=-Xmx8g, .*\\R");
  }

  @Test
  void oddFilesTrain() throws IOException {
    StringBuilder thousand = new StringBuilder("text,label\n");
    for (int i = 0; i < 3000; i++) {
      thousand.append("word").append(i % 1000).append(" x").append(i).append(",class");
      thousand.append(i % 1000).append('\n');
    }
    Outcome classes = train(thousand.toString(), "thousand", "--remove", "0.5");
    assertThat(classes.code()).as(classes.err()).isZero();
    assertThat(Files.readString(folder.resolve("thousand/model-card.json"))).contains("class999");
    Outcome single = train(weather() + "snow,\"one, only\nonce\"\n", "single");
    assertThat(single.code()).as(single.err()).isZero();
    assertThat(Files.readString(folder.resolve("single/model-card.json")))
        .contains("one, only\\nonce");
    Outcome alone = train("text,label\na,x\nb,x\n", "alone");
    assertThat(alone.code()).isEqualTo(1);
    assertThat(alone.err()).contains("expected at least 2 classes, found only 'x'");
    Outcome twice = train("text,text\na,x\n", "twice");
    assertThat(twice.code()).isEqualTo(1);
    assertThat(twice.err()).contains("twice.csv, line 1: expected column names that differ");
    Outcome nothing = train("text,label\n" + "!,x\n?,y\n...,x\n;;,y\n".repeat(30), "nothing");
    assertThat(nothing.code()).as(nothing.err()).isEqualTo(2);
    assertThat(nothing.err())
        .contains("a factorization of a 1 x 300 table saves nothing at R = 0.9");
    Path vectors = Files.writeString(folder.resolve("v.txt"), "rain 1 2 3\nsun 1 2\n");
    Outcome two = train(weather(), "two", "--vectors", vectors.toString());
    assertThat(two.code()).isEqualTo(1);
    assertThat(two.err()).contains("v.txt, line 2: expected a word and 3 numbers, found 2 numbers");
    assertThat(folder.resolve("two.work")).doesNotExist();
  }
}
