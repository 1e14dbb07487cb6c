package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.experiments.report.Escape;
import io.github.lowrank.export.PrototypeModel;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Unfinished;
import io.github.lowrank.predictor.ClassMeans;
import io.github.lowrank.predictor.Predictor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "labels",
    mixinStandardHelpOptions = true,
    description = {
      "Lists, adds, removes, merges and splits the labels of a model of lowrank train --head prototypes, without training.",
      "The model is replaced when the new one is complete. Without a verb: lists the labels and their numbers of texts."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank labels model",
      "  lowrank labels model add refunds.csv --dev dev.csv",
      "  lowrank labels model.lrk remove spam",
      "  lowrank labels model merge refund refunds",
      "  lowrank labels model split card card-parts.csv --out other"
    },
    subcommands = {
      LabelsCommand.ListLabels.class,
      LabelsCommand.Add.class,
      LabelsCommand.Remove.class,
      LabelsCommand.Merge.class,
      LabelsCommand.Divide.class
    })
final class LabelsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private TrustOption trust;

  @Parameters(
      paramLabel = "MODEL",
      description = "Folder of a SavedModel, or a compact file, with prototypes.")
  private Path model;

  @Override
  public Integer call() throws IOException {
    ModelPath.isFile(model); // or there is none
    try (PrototypeModel loaded = PrototypeModel.load(model, trust.trusted())) {
      print(loaded.classes());
    }
    return 0;
  }

  private void print(ClassMeans classes) {
    PrintWriter out = spec.commandLine().getOut();
    for (int c = 0; c < classes.labels().size(); c++) {
      out.printf(
          Locale.ROOT, "%s\t%d%n", Escape.tsv(classes.labels().get(c)), classes.counts().get(c));
    }
    out.flush();
  }

  /** A change of the labels. */
  private abstract static class Change implements Callable<Integer> {
    @ParentCommand private LabelsCommand parent;
    @Mixin private TextColumns texts;

    @Option(
        names = "--dev",
        paramLabel = "FILE",
        description = "Labelled texts to score before and after the change.")
    private Path dev;

    @Option(
        names = "--out",
        paramLabel = "PATH",
        description = "Write another model instead of replacing this one; must not exist.")
    private Path out;

    /** The labels after the change. */
    abstract ClassMeans changed(PrototypeModel model) throws IOException;

    @Override
    public Integer call() throws IOException {
      Path model = parent.model;
      boolean compact = ModelPath.isFile(model);
      if (out != null && Files.exists(out)) {
        throw new UsageException("--out " + out + ": expected a path that does not exist yet");
      }
      if (out != null) {
        UsageException.checkFolderAbove(out);
        Files.createDirectories(out.toAbsolutePath().getParent());
      }
      List<LabelledFile.Example> scored = dev == null ? List.of() : texts.read(dev);
      Path target = out == null ? model.toRealPath() : out.toAbsolutePath();
      PrintWriter terminal = parent.spec.commandLine().getOut();
      try (PrototypeModel loaded = PrototypeModel.load(model, parent.trust.trusted())) {
        ClassMeans before = loaded.classes();
        ClassMeans after;
        try {
          after = changed(loaded);
        } catch (IllegalArgumentException e) {
          throw new UsageException(e.getMessage());
        }
        Path next = target.resolveSibling("." + target.getFileName() + ".labels");
        Path work = Files.createTempDirectory(target.getParent(), next.getFileName().toString());
        try (Unfinished unfinished = Unfinished.of(work)) {
          Path written = work.resolve(target.getFileName());
          loaded.write(after, written);
          if (dev != null) {
            score("before", model, compact, scored, terminal);
            score("after", written, compact, scored, terminal);
          }
          if (compact) {
            AtomicFiles.write(target, Files.readAllBytes(written));
          } else {
            AtomicFiles.move(written, target);
          }
        }
        terminal.printf(
            Locale.ROOT,
            "%s: %s, before %s%n",
            out == null ? model : out,
            size(after),
            size(before));
        terminal.flush();
      }
      return 0;
    }

    private void score(
        String when,
        Path model,
        boolean compact,
        List<LabelledFile.Example> scored,
        PrintWriter terminal)
        throws IOException {
      if (compact) {
        score(when, Answers.of(Predictor.load(model)), scored, terminal);
        return;
      }
      try (TextClassifier classifier = TextClassifier.load(model, parent.trust.trusted())) {
        score(when, Answers.of(classifier), scored, terminal);
      }
    }

    private static void score(
        String when, Answers answers, List<LabelledFile.Example> scored, PrintWriter terminal)
        throws IOException {
      ConsoleListener listener = new ConsoleListener(System.err);
      Scoring scoring = new Scoring(answers, "scoring dev " + when, listener);
      for (LabelledFile.Example example : scored) {
        scoring.add(example.text(), example.labels());
      }
      terminal.printf("dev %s: %s%n", when, scoring.report().headline());
    }

    private static String size(ClassMeans classes) {
      return String.format(
          Locale.ROOT,
          "%,d labels of %,d texts",
          classes.labels().size(),
          classes.counts().stream().mapToLong(count -> count).sum());
    }

    /** The classes of a model with the labelled texts of a file. */
    static ClassMeans with(PrototypeModel model, Map<String, List<float[]>> points) {
      ClassMeans classes = model.classes();
      for (Map.Entry<String, List<float[]>> entry : points.entrySet()) {
        classes = classes.add(entry.getKey(), entry.getValue());
      }
      return classes;
    }

    /** The points of the texts of each label. */
    final Map<String, List<float[]>> points(PrototypeModel model, Path file) throws IOException {
      Map<String, List<String>> byLabel = new LinkedHashMap<>();
      for (LabelledFile.Example example : texts.read(file)) {
        if (example.labels().size() != 1) {
          throw new IOException(
              "%s: expected one label for each text, found %s for '%s'"
                  .formatted(file, example.labels(), example.text()));
        }
        byLabel
            .computeIfAbsent(example.labels().get(0), name -> new ArrayList<>())
            .add(example.text());
      }
      Map<String, List<float[]>> points = new LinkedHashMap<>();
      for (Map.Entry<String, List<String>> entry : byLabel.entrySet()) {
        List<float[]> some = model.points(entry.getValue());
        if (some.isEmpty()) {
          throw new IOException(
              "%s: expected a text of label '%s' with a word that the model knows, found none in %d texts"
                  .formatted(file, entry.getKey(), entry.getValue().size()));
        }
        points.put(entry.getKey(), some);
      }
      return points;
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the labels and their numbers of texts.")
  static final class ListLabels implements Callable<Integer> {
    @ParentCommand private LabelsCommand parent;

    @Override
    public Integer call() throws IOException {
      return parent.call();
    }
  }

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = "Adds labelled texts: new labels, or more texts of those that are there.")
  static final class Add extends Change {
    @Parameters(paramLabel = "FILE", description = "Labelled texts, such as intents.csv.")
    private Path file;

    @Override
    ClassMeans changed(PrototypeModel model) throws IOException {
      return with(model, points(model, file));
    }
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description = "Removes labels; their texts get the nearest of the others.")
  static final class Remove extends Change {
    @Parameters(arity = "1..*", paramLabel = "LABEL", description = "Labels to remove.")
    private List<String> labels;

    @Override
    ClassMeans changed(PrototypeModel model) {
      ClassMeans classes = model.classes();
      for (String label : new LinkedHashSet<>(labels)) {
        classes = classes.remove(label);
      }
      return classes;
    }
  }

  @Command(
      name = "merge",
      mixinStandardHelpOptions = true,
      description = "Makes all texts of a label those of another, which may be new.")
  static final class Merge extends Change {
    @Parameters(index = "0", paramLabel = "LABEL", description = "Label that goes.")
    private String label;

    @Parameters(index = "1", paramLabel = "INTO", description = "Label that it becomes.")
    private String into;

    @Override
    ClassMeans changed(PrototypeModel model) {
      return model.classes().merge(label, into);
    }
  }

  @Command(
      name = "split",
      mixinStandardHelpOptions = true,
      description = "Replaces a label by those of labelled texts.")
  static final class Divide extends Change {
    @Parameters(index = "0", paramLabel = "LABEL", description = "Label that goes.")
    private String label;

    @Parameters(
        index = "1",
        paramLabel = "FILE",
        description = "Texts with the labels that take its place.")
    private Path file;

    @Override
    ClassMeans changed(PrototypeModel model) throws IOException {
      Map<String, List<float[]>> parts = points(model, file);
      if (parts.containsKey(label)) {
        throw new IOException(
            "%s: expected other labels than '%s', which is to be split".formatted(file, label));
      }
      return with(model, parts).remove(label);
    }
  }
}
