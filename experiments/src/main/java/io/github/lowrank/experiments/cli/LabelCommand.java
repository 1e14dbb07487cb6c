package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.InputFiles;
import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.run.TextVectors;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.FolderLock;
import io.github.lowrank.io.Json;
import io.github.lowrank.labelling.Answer;
import io.github.lowrank.labelling.AnswerLog;
import io.github.lowrank.labelling.LabelModel;
import io.github.lowrank.labelling.Labelling;
import io.github.lowrank.labelling.Majority;
import io.github.lowrank.labelling.Neighbours;
import io.github.lowrank.labelling.OneClass;
import io.github.lowrank.labelling.OneCoin;
import io.github.lowrank.labelling.Questions;
import io.github.lowrank.labelling.SparseFirst;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "label",
    mixinStandardHelpOptions = true,
    description = {
      "Labels texts with your help: a few exemplars of each class vote on the texts near them, and you are asked where few do.",
      "Every answer is kept in DIR/answers.jsonl; the same command goes on there. At the end and on quit DIR/labels.csv is written, for lowrank train."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank label --pool texts.txt --seeds seeds.csv --out labelling",
      "  lowrank label --pool texts.txt --seeds seeds.csv --out labelling --page",
      "  lowrank label --pool texts.txt --seeds refunds.csv --only refund --out labelling",
      "  lowrank train --train labelling/labels.csv --out model"
    })
final class LabelCommand implements Callable<Integer> {
  /** More texts than that take the encoder minutes: words do, whose vectors are averaged. */
  private static final int MOST_ENCODED = 30_000;

  private static final int REPLAYED = 100;
  private static final int ROUNDS = 15;
  private static final String REST = "other";

  /** Models of votes. */
  enum Model {
    /** {@link Majority}. */
    MAJORITY(new Majority()),
    /** {@link OneCoin}. */
    ONE_COIN(new OneCoin(ROUNDS));

    private final LabelModel votes;

    Model(LabelModel votes) {
      this.votes = votes;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Spec private CommandSpec spec;
  @Mixin private DataOption data;

  @Option(
      names = "--pool",
      required = true,
      paramLabel = "FILE",
      description =
          "Texts without labels: lines of a text file, or column --text of a .csv, .tsv or .jsonl.")
  private Path pool;

  @Option(
      names = "--seeds",
      required = true,
      paramLabel = "FILE",
      description =
          "A few labelled texts of each class, in a format of lowrank train. If there is one class, it is told from all 'other' texts.")
  private Path seeds;

  @Mixin private TextColumns columns;

  @Option(
      names = "--only",
      paramLabel = "CLASS",
      description = "Look for texts of this class alone, the most likely first: for a rare one.")
  private String only;

  @Option(
      names = "--vectors",
      paramLabel = "FILE|NAME",
      description =
          "What makes texts near: bge-sentences, BGE-small's vector of each text; or word vectors, as of lowrank train, whose weighted mean is "
              + "taken (default: bge-sentences; bge-words with more than 30,000 texts).")
  private String vectors;

  @Option(
      names = "--model",
      paramLabel = "majority|one-coin",
      defaultValue = "majority",
      description = "How votes become probabilities (default: ${DEFAULT-VALUE}).")
  private Model model;

  @Option(
      names = "--least",
      paramLabel = "P",
      defaultValue = "0.8",
      description =
          "Least probability of a label that was voted for; 1: your answers alone (default: ${DEFAULT-VALUE}).")
  private double least;

  @Option(
      names = "--questions",
      paramLabel = "N",
      description =
          "End after that many answers, those of former runs included; 0 writes the labels (default: no end; 100 with --answers).")
  private Integer questions;

  @Option(
      names = "--page",
      arity = "0..1",
      fallbackValue = "0",
      paramLabel = "PORT",
      description = "Ask on a web page of this computer instead (default port: any).")
  private Integer page;

  @Option(
      names = "--answers",
      paramLabel = "FILE",
      description =
          "Ask nobody: repeat the answers of another answers.jsonl, or take them from a file of labelled texts.")
  private Path answers;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for answers and labels; goes on if it has answers.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    check();
    ConsoleListener listener = new ConsoleListener(System.err);
    Labelling.Task task = task();
    if (page != null) {
      LabelPage.checkFree(page);
    }
    VectorSource source = source(task.texts().size());
    DataRoot root = data.root();
    try (FolderLock lock = FolderLock.take(out.resolve(".lock"), out);
        AnswerLog log = AnswerLog.open(out.resolve("answers.jsonl"))) {
      Neighbours neighbours = new Neighbours(TextVectors.of(task.texts(), source, root, listener));
      listener.close();
      Labelling labelling = new Labelling(task, neighbours, log);
      int most = questions != null ? questions : answers != null ? REPLAYED : Integer.MAX_VALUE;
      LabelKeys keys = new LabelKeys(labelling, most);
      terminal()
          .printf(
              Locale.ROOT,
              "%,d texts by %s; %d classes; %s%n",
              task.texts().size() - task.labels().size(),
              source.name(),
              task.classes().size(),
              keys.status());
      if (answers != null) {
        replay(keys, listener);
      } else if (page != null) {
        try (LabelPage server = new LabelPage(keys, page)) {
          terminal().printf("open %s%n", server.address());
          terminal().flush();
          server.await();
        }
      } else {
        new LabelTerminal(keys, terminal()).run();
      }
      List<Labelling.Label> labels = labelling.labels(least); // after the last answer, too
      terminal().println(keys.status());
      keys.warning().ifPresent(terminal()::println);
      write(labels);
    }
    return 0;
  }

  private PrintWriter terminal() {
    return spec.commandLine().getOut();
  }

  private void check() throws IOException {
    UsageException.checkFolderAbove(out);
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new UsageException("--out " + out + ": expected a folder, found a file");
    }
    if (!(least >= 0 && least <= 1)) {
      throw new UsageException("--least: expected a number in [0, 1], found " + least);
    }
    if (questions != null && questions < 0) {
      throw new UsageException("--questions: expected a number of at least 0, found " + questions);
    }
    if (page != null && (page < 0 || page > 65_535)) {
      throw new UsageException("--page: expected a port of at most 65535, found " + page);
    }
    if (page != null && answers != null) {
      throw new UsageException("--answers asks nobody: give it without --page");
    }
    if (answers != null) {
      InputFiles.check(answers, "a file of answers (--answers)");
    }
    if (TrainOptions.NONE.equals(vectors)) {
      throw new UsageException("--vectors none: expected vectors, without which no text is near");
    }
  }

  private Labelling.Task task() throws IOException {
    Map<String, String> known = new LinkedHashMap<>();
    LabelledFile.read(
        seeds,
        columns.columns(""),
        (index, line, content, labels) -> {
          String before = known.put(content, labels.get(0));
          if (labels.size() > 1 || before != null && !before.equals(labels.get(0))) {
            throw new IOException(
                "%s, line %d: expected one class per text, found %s"
                    .formatted(
                        seeds, line, labels.size() > 1 ? labels : List.of(before, labels.get(0))));
          }
        });
    Set<String> names = new TreeSet<>(known.values());
    if (only == null && names.size() == 1) {
      only = names.iterator().next();
    }
    if (names.size() == 1 && !names.add(REST)) {
      throw new IOException(seeds + ": expected texts of another class than '" + REST + "'");
    }
    List<String> classes = List.copyOf(names);
    if (only != null && !known.containsValue(only)) {
      throw new UsageException(
          "--only: expected a class of %s, one of %s, found '%s'".formatted(seeds, classes, only));
    }
    Set<String> texts = new LinkedHashSet<>(known.keySet());
    for (String line : LabelledFile.texts(pool, columns.text, columns.encoding())) {
      if (!line.isBlank()) {
        texts.add(line);
      }
    }
    if (texts.size() == known.size()) {
      throw new IOException(pool + ": expected texts other than the seeds, found none");
    }
    Questions choice = only == null ? new SparseFirst() : new OneClass(classes.indexOf(only));
    return new Labelling.Task(
        classes,
        List.copyOf(texts),
        known.values().stream().map(classes::indexOf).toList(),
        choice,
        model.votes);
  }

  private VectorSource source(int texts) throws IOException {
    if (vectors != null) {
      return TrainOptions.vectorSource(vectors);
    }
    return texts > MOST_ENCODED ? VectorSource.bgeWords() : VectorSource.bgeSentences();
  }

  /** Answers from a log, as they are; or from labelled texts, to the questions that are asked. */
  private void replay(LabelKeys keys, ConsoleListener listener) throws IOException {
    if (isLog()) {
      for (Answer answer : AnswerLog.read(answers)) {
        if (keys.labelling().progress().answers() < keys.most()) {
          keys.labelling().add(answer);
        }
      }
      return;
    }
    Map<String, String> truth = new HashMap<>();
    LabelledFile.read(
        answers,
        columns.columns(""),
        (index, line, content, labels) -> truth.put(content, labels.get(0)));
    List<String> classes = keys.labelling().classes();
    for (var question = keys.question(); question.isPresent(); question = keys.question()) {
      String said = truth.get(question.get().text());
      String rest = classes.contains(REST) ? "/" + REST : "0";
      keys.press(said == null ? "s" : classes.contains(said) ? "/" + said : rest);
      listener.texts("answering", keys.labelling().number());
    }
    listener.close();
  }

  private boolean isLog() throws IOException {
    if (!answers.toString().endsWith(".jsonl") || !Files.isRegularFile(answers)) {
      return false;
    }
    try (var lines = Files.lines(answers)) {
      return lines.findFirst().orElse("").contains("\"verdict\"");
    }
  }

  private void write(List<Labelling.Label> labels) throws IOException {
    StringWriter csv = new StringWriter();
    Map<Labelling.Source, Integer> counts = new LinkedHashMap<>();
    try (CSVPrinter printer =
        new CSVPrinter(csv, CSVFormat.RFC4180.builder().setRecordSeparator('\n').get())) {
      printer.printRecord("text", "label", "confidence", "source", "exemplars");
      for (Labelling.Label one : labels) {
        counts.merge(one.source(), 1, Integer::sum);
        printer.printRecord(
            one.text(),
            one.label(),
            String.format(Locale.ROOT, "%.4f", one.confidence()),
            one.source().name().toLowerCase(Locale.ROOT),
            Json.canonical(one.exemplars()));
      }
    }
    Path file = out.resolve("labels.csv");
    AtomicFiles.write(file, csv.toString());
    List<String> parts = new ArrayList<>();
    counts.forEach(
        (source, count) ->
            parts.add(
                String.format(Locale.ROOT, "%,d by %s", count, source).toLowerCase(Locale.ROOT)));
    terminal().printf("%s: %s%n", file, String.join(", ", parts));
    terminal().flush();
  }
}
