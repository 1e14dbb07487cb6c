package io.github.lowrank.experiments.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lowrank.datasets.BoundedLines;
import io.github.lowrank.datasets.InputFiles;
import io.github.lowrank.datasets.Utf8Lines;
import io.github.lowrank.experiments.report.Escape;
import io.github.lowrank.experiments.run.Occlusion;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.predictor.Predictor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description = {
      "Classifies sentences with a model of Lowrank.",
      "Reads one sentence per line and prints its label, probability and text, separated by tabs. A model of any number of labels "
          + "prints each with its probability, and two empty columns if there is none, as does one that rejects a text (train --reject). In labels, tabs, line breaks and backslashes are written as \\t, \\n and \\\\ (--json is exact)."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  echo 'a gripping and funny film' | lowrank predict model",
      "  lowrank predict model --input sentences.txt > labels.tsv",
      "  lowrank predict model.lrk < millions.txt > labels.tsv",
      "  lowrank predict model --top-k 3 --json < sentences.txt",
      "  echo 'a gripping and funny film' | lowrank predict model --explain"
    })
final class PredictCommand implements Callable<Integer> {
  private static final int BATCH = 256;
  private static final int EXPLAINED = 5;

  /** Loads 400 classes: for {@code --json} only, not whenever a command starts. */
  private static final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();
  }

  @Spec private CommandSpec spec;
  @Mixin private TrustOption trust;

  @Parameters(
      paramLabel = "MODEL",
      description = "Folder of a SavedModel made by Lowrank, or a compact file (lowrank export).")
  private Path model;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "UTF-8 file of sentences (default: standard input).")
  private Path input;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description =
          "Number of labels to print, the most likely first (default: 1, or all from the threshold on).")
  private Integer topK;

  @Option(
      names = "--threshold",
      paramLabel = "P",
      description =
          "Print only labels of at least this probability (default: that of a model of any number of labels).")
  private Double threshold;

  @Option(
      names = "--explain",
      description =
          "Also print the five words that matter most: by how much the most likely label's probability falls without each.")
  private boolean explain;

  @Option(names = "--json", description = "Print one JSON object per line.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (topK != null && topK < 1) {
      throw new UsageException("--top-k: expected a number of at least 1, found " + topK);
    }
    if (threshold != null && !(threshold >= 0 && threshold <= 1)) {
      throw new UsageException("--threshold: expected a number in [0, 1], found " + threshold);
    }
    if (input != null) {
      InputFiles.check(input, "a file of sentences (--input)");
    }
    if (ModelPath.isFile(model)) {
      return compact();
    }
    PrintWriter out = spec.commandLine().getOut();
    long start = System.nanoTime();
    long count = 0;
    try (TextClassifier classifier = TextClassifier.load(model, trust.trusted());
        BufferedReader in =
            new BufferedReader(
                input != null
                    ? new BoundedLines(input.toString(), Files.newBufferedReader(input))
                    : new BoundedLines(
                        "standard input",
                        new InputStreamReader(System.in, StandardCharsets.UTF_8)))) {
      start = System.nanoTime();
      List<String> batch = new ArrayList<>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        batch.add(line);
        count++;
        // Answers at once when a person types, in batches when a file is piped in.
        if (batch.size() == BATCH || !in.ready()) {
          print(Answers.of(classifier), batch, out);
          if (out.checkError()) {
            return 1; // nobody reads on, or the disk is full
          }
        }
      }
      print(Answers.of(classifier), batch, out);
    } catch (CharacterCodingException e) {
      throw new IOException(
          "%s, line %d: expected UTF-8, found bytes that are not UTF-8 (at or soon after this line)"
              .formatted(input, count + 1),
          e);
    }
    speed(count, start);
    return 0;
  }

  private int compact() throws IOException {
    Predictor predictor = Predictor.load(model);
    PrintWriter out = spec.commandLine().getOut();
    long start = System.nanoTime();
    long count = 0;
    try (Utf8Lines lines =
        input != null
            ? new Utf8Lines(input.toString(), Files.newInputStream(input), true)
            : new Utf8Lines("standard input", System.in, false)) {
      Answers answers = Answers.of(predictor);
      if (!predictor.multiLabel() && one() && !json && !explain) {
        count = new CompactPredictions(predictor, out).print(lines);
      } else {
        while (count >= 0 && lines.next()) {
          List<String> line = new ArrayList<>(List.of(lines.text()));
          print(answers, line, out);
          count = out.checkError() ? -1 : count + 1;
        }
      }
    }
    if (count < 0) {
      return 1; // nobody reads on, or the disk is full
    }
    speed(count, start);
    return 0;
  }

  private void speed(long count, long start) {
    if (input != null) {
      double seconds = (System.nanoTime() - start) / 1e9;
      spec.commandLine()
          .getErr()
          .printf(Locale.ROOT, "%,d sentences, %,.0f a second%n", count, count / seconds);
    }
  }

  /** Whether each text gets its most likely label and no other. */
  private boolean one() {
    return threshold == null && (topK == null || topK == 1);
  }

  private void print(Answers answers, List<String> batch, PrintWriter out) throws IOException {
    List<Answers.Answer> found = answers.answer(batch);
    for (int i = 0; i < batch.size(); i++) {
      float[] probabilities = found.get(i).probabilities();
      List<Map.Entry<String, Float>> top =
          found.get(i).rejected() ? List.of() : top(answers, probabilities);
      int best = Answers.best(probabilities); // explained even if it is no answer
      List<Occlusion.Part> words =
          explain
              ? Occlusion.explain(batch.get(i), best, probabilities[best], answers::probabilities)
              : List.of();
      if (json) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("text", batch.get(i));
        if (!answers.multiLabel() && !top.isEmpty()) {
          object.put("label", top.get(0).getKey());
          object.put("probability", top.get(0).getValue());
        }
        if (answers.multiLabel() || !one()) {
          Map<String, Float> all = new LinkedHashMap<>();
          top.forEach(entry -> all.put(entry.getKey(), entry.getValue()));
          object.put(answers.multiLabel() ? "labels" : "top", all);
        }
        if (explain) {
          if (answers.multiLabel()) {
            object.put("explained", answers.labels().get(best));
          }
          object.put("words", words);
        }
        out.println(Json.MAPPER.writeValueAsString(object));
      } else {
        for (Map.Entry<String, Float> entry : top) {
          out.printf(Locale.ROOT, "%s\t%.4f\t", Escape.tsv(entry.getKey()), entry.getValue());
        }
        if (top.isEmpty()) {
          out.print("\t\t"); // no label, no probability
        }
        if (explain) {
          out.print(
              Occlusion.strongest(words, EXPLAINED).stream()
                  .map(w -> String.format(Locale.ROOT, "%s %+.3f", w.word(), w.contribution()))
                  .collect(Collectors.joining(", ")));
          out.print('\t');
        }
        out.println(batch.get(i));
      }
    }
    out.flush();
    batch.clear();
  }

  private List<Map.Entry<String, Float>> top(Answers answers, float[] probabilities) {
    List<Map.Entry<String, Float>> all = new ArrayList<>();
    for (int i = 0; i < probabilities.length; i++) {
      all.add(Map.entry(answers.labels().get(i), probabilities[i]));
    }
    all.sort((a, b) -> Float.compare(b.getValue(), a.getValue())); // stable: ties keep their order
    int most = topK != null ? topK : answers.multiLabel() || threshold != null ? all.size() : 1;
    double least = threshold != null ? threshold : topK != null ? 0 : answers.threshold().orElse(0);
    return all.stream().limit(most).filter(entry -> entry.getValue() >= least).toList();
  }
}
