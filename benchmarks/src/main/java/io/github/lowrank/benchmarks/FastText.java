package io.github.lowrank.benchmarks;

import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.experiments.report.Table;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.export.TextModel;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.text.TextEncoder;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.VectorFile;
import io.github.lowrank.text.Vocabulary;
import io.github.lowrank.train.Classification;
import io.github.lowrank.train.Evaluation;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingListener;
import io.github.lowrank.train.TrainingResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Time of training to the accuracy that fastText has on dev, with the same texts and vectors: whole
 * processes, from reading the files to the written model, in alternation. Ours is the mean of words
 * and pairs of words with a hidden layer, uncompressed; a first run, which does not count, finds
 * the step at which it is as good.
 */
@Command(
    name = "fasttext",
    mixinStandardHelpOptions = true,
    description = {
      "Compares the time of training to fastText's accuracy on dev, in whole processes,",
      "with the same texts and vectors. Needs fasttext on the PATH."
    },
    footerHeading = "%nExample:%n",
    footer = {"  lowrank bench-peers fasttext --train a.train --dev a.dev --vectors words.vec"})
final class FastText implements Callable<Integer> {
  private static final int EPOCHS = 20;
  private static final int BATCH = 50;
  private static final int LENGTH = 256;
  private static final String DEV = "dev ";

  @Option(names = "--train", required = true, paramLabel = "FILE", description = "Training texts.")
  private Path train;

  @Option(names = "--dev", required = true, paramLabel = "FILE", description = "Texts to score.")
  private Path dev;

  @Option(
      names = "--vectors",
      required = true,
      paramLabel = "FILE",
      description = "Word vectors as text, with a line of their numbers first.")
  private Path vectors;

  @Option(
      names = "--options",
      paramLabel = "OPTIONS",
      defaultValue = "-wordNgrams 2 -lr 0.5 -epoch 25",
      description = "Of fastText's training (default: ${DEFAULT-VALUE}).")
  private String options;

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      defaultValue = "0.003",
      description = "Our learning rate (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private Path work;

  @Override
  public Integer call() throws Exception {
    for (Path file : List.of(train, dev, vectors)) {
      if (!Files.isReadable(file)) {
        throw new CommandLine.ParameterException(
            spec.commandLine(), "expected a file, found none: " + file);
      }
    }
    if (rounds < 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--rounds: expected a number of at least 1, found " + rounds);
    }
    work = Files.createTempDirectory("lowrank-fasttext");
    try {
      double[] theirs = new double[rounds];
      double[] ours = new double[rounds];
      timed(fastText());
      double accuracy = accuracy();
      long steps = firstStep(accuracy);
      if (steps < 0) {
        System.out.printf(
            Locale.ROOT,
            "fastText has %.2f %% on dev, which ours does not reach in %d epochs.%n",
            100 * accuracy,
            EPOCHS);
        return 1;
      }
      for (int i = 0; i < rounds; i++) {
        theirs[i] = timed(fastText());
        ours[i] = timed(ours(steps, accuracy));
      }
      double[] ratios = new double[rounds];
      Arrays.setAll(ratios, i -> ours[i] / theirs[i]);
      for (double[] values : List.of(theirs, ours, ratios)) {
        Arrays.sort(values);
      }
      Table table =
          new Table(
              List.of("texts", "dev %", "our steps", "fastText s", "Lowrank s", "ratio", "spread"));
      table.line(
          List.of(
              train.getFileName().toString(),
              number(100 * accuracy),
              Long.toString(steps),
              number(theirs[rounds / 2]),
              number(ours[rounds / 2]),
              number(ratios[rounds / 2]),
              number(ratios[0]) + " to " + number(ratios[rounds - 1])));
      System.out.print(table.text());
      return 0;
    } finally {
      AtomicFiles.delete(work);
    }
  }

  private List<String> fastText() {
    List<String> command =
        new ArrayList<>(
            List.of("fasttext", "supervised", "-input", train.toString(), "-output", model()));
    Collections.addAll(command, options.strip().split("\\s+"));
    command.addAll(List.of("-pretrainedVectors", vectors.toString(), "-dim", dimension()));
    command.addAll(List.of("-bucket", "200000", "-thread", "2", "-verbose", "0"));
    return command;
  }

  private String model() {
    return work.resolve("fasttext").toString();
  }

  private String dimension() {
    try (var lines = Files.lines(vectors)) {
      return lines.findFirst().orElseThrow().split(" ")[1];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Share of the texts of dev that the model last written gets right. */
  private double accuracy() throws IOException, InterruptedException {
    String printed = run(List.of("fasttext", "test", model() + ".bin", dev.toString()));
    return printed
        .lines()
        .filter(line -> line.startsWith("P@1"))
        .mapToDouble(line -> Double.parseDouble(line.strip().split("\\s+")[1]))
        .findFirst()
        .orElseThrow(() -> new IOException("fasttext test printed " + printed));
  }

  /** The first step after which ours is as good, or -1. */
  private long firstStep(double accuracy) throws IOException, InterruptedException {
    return run(ours(-1, accuracy))
        .lines()
        .filter(line -> line.startsWith(DEV))
        .map(line -> line.split(" "))
        .filter(parts -> Double.parseDouble(parts[2]) >= accuracy)
        .mapToLong(parts -> Long.parseLong(parts[1]))
        .findFirst()
        .orElse(-1);
  }

  private List<String> ours(long steps, double accuracy) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Ours.class.getName()));
    command.addAll(List.of(train.toString(), dev.toString(), vectors.toString()));
    command.addAll(List.of(Double.toString(rate), Long.toString(steps), work + "/ours"));
    command.add(Double.toString(accuracy));
    return command;
  }

  private double timed(List<String> command) throws IOException, InterruptedException {
    AtomicFiles.delete(work.resolve("ours"));
    long start = System.nanoTime();
    run(command);
    return (System.nanoTime() - start) / 1e9;
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new CommandLine.ExecutionException(spec.commandLine(), e.getMessage(), e);
    }
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command.get(0) + " failed: " + String.join(" ", command));
    }
    return printed;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /** Our process. */
  static final class Ours {
    private Ours() {}

    /**
     * Trains and prints dev accuracies.
     *
     * @param args texts, dev texts, vectors, rate, steps, folder for the SavedModel, and accuracy;
     *     below 0 steps: as many as the accuracy needs, nothing is written
     */
    public static void main(String[] args) throws IOException {
      var columns = new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8);
      var examples = LabelledFile.read(Path.of(args[0]), columns);
      var others = LabelledFile.read(Path.of(args[1]), columns);
      List<String> labels = examples.stream().map(e -> e.labels().get(0)).distinct().toList();
      List<String[]> words = tokens(examples);
      Vocabulary vocabulary = Vocabulary.withPairs(words, words, LENGTH, 2);
      EncodedTexts texts = encoded(examples, words, labels, vocabulary);
      EncodedTexts dev = encoded(others, tokens(others), labels, vocabulary);
      Classifier start =
          Classifier.initial(
              new Dan(List.of(128), 0.3),
              new Softmax(),
              new Dense(
                  VectorFile.read(Path.of(args[2]), Optional.empty(), vocabulary)
                      .table(vocabulary, 1)
                      .values()),
              labels.size(),
              1);
      long steps = Long.parseLong(args[4]);
      double needed = Double.parseDouble(args[6]);
      int epoch = (texts.size() + BATCH - 1) / BATCH;
      TrainingConfig config =
          new TrainingConfig(
              Optimizer.adam(),
              Schedule.constant(Double.parseDouble(args[3])),
              steps < 0 ? (long) EPOCHS * epoch : steps,
              BATCH,
              Math.max(1, epoch / 4),
              0,
              1);
      TrainingListener printing =
          new TrainingListener() {
            @Override
            public void evaluated(Evaluation evaluation, boolean best) {
              System.out.println(DEV + evaluation.step() + " " + evaluation.selected());
              if (steps < 0 && evaluation.selected() >= needed) {
                System.exit(0);
              }
            }
          };
      TrainingResult<Classifier> result =
          Classification.train(start, texts, dev, config, printing, Optional.empty());
      if (steps >= 0) {
        List<Double> prior = Collections.nCopies(labels.size(), 1.0 / labels.size());
        SavedModelWriter.write(
            new TextModel(result.best(), Tokenizer.WORDS, vocabulary, labels, prior, LENGTH),
            Path.of(args[5]));
      }
    }

    private static List<String[]> tokens(List<LabelledFile.Example> examples) {
      return TextEncoder.tokenize(
          Tokenizer.WORDS, examples.stream().map(LabelledFile.Example::text).toList());
    }

    private static EncodedTexts encoded(
        List<LabelledFile.Example> examples,
        List<String[]> words,
        List<String> labels,
        Vocabulary vocabulary) {
      int[] classes = examples.stream().mapToInt(e -> labels.indexOf(e.labels().get(0))).toArray();
      return TextEncoder.encode(words, classes, vocabulary, LENGTH);
    }
  }
}
