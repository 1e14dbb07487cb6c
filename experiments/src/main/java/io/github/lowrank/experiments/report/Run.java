package io.github.lowrank.experiments.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A run with its statistics.
 *
 * @param folder of the run
 * @param provenance what is known of it
 * @param summaries its methods, the baseline first
 * @param answers which test texts were classified correctly, by trial
 */
record Run(Path folder, JsonNode provenance, List<Summary> summaries, Map<String, Bits> answers) {
  /** Parameters that say the size, follow from it, or were chosen for each method by the search. */
  static final Set<String> SIZES =
      Set.of("removed", "rank", "bits", "svd_relative_error", "later_schedule");

  // Of two accuracies that were computed from the same answers.
  private static final double SAME = 1e-9;

  static Run read(Path folder) throws IOException {
    Path file = folder.resolve(Row.FILE);
    List<Summary> summaries = Summary.of(Row.read(file));
    if (summaries.isEmpty()) {
      throw new IOException(file + ", line 2: expected the row of a trial, found none");
    }
    Run run = new Run(folder, Provenance.tree(folder), summaries, Bits.read(folder));
    run.check();
    return run;
  }

  /**
   * All trials or none have answers, of which as many are right as the row says, to the same test
   * texts unless the seeds are folds.
   */
  private void check() throws IOException {
    for (Summary s : answers.isEmpty() ? List.<Summary>of() : summaries) {
      for (Row row : s.rows()) {
        Bits answered = answers.get(row.trial());
        if (answered == null) {
          throw new IOException(
              "%s: expected the answers of trial %s of %s, found none"
                  .formatted(
                      folder.resolve(Bits.FILE),
                      Escape.line(row.trial()),
                      folder.resolve(Row.FILE)));
        }
        if (!(Math.abs(answered.accuracy() - row.testAccuracy()) < SAME)) {
          throw new IOException(
              "%s: expected test accuracy %s of trial %s, as by %s, found %s"
                  .formatted(
                      folder.resolve(Row.FILE),
                      answered.accuracy(),
                      Escape.line(row.trial()),
                      folder.resolve(Bits.FILE),
                      row.testAccuracy()));
        }
      }
    }
    List<Integer> texts = answers.values().stream().map(Bits::texts).distinct().toList();
    if (folds() == 0 && texts.size() > 1) {
      throw new IOException(
          "%s: expected answers to the same number of texts, found %d and %d"
              .formatted(folder.resolve(Bits.FILE), texts.get(0), texts.get(1)));
    }
  }

  String name() {
    return folder.getFileName().toString();
  }

  Summary baseline() {
    return summaries.get(0);
  }

  Row.Id id() {
    return baseline().rows().get(0).id();
  }

  int seeds() {
    return baseline().rows().size();
  }

  /** All parameters that rows have, in the order of their first appearance. */
  Set<String> parameters() {
    Set<String> names = new LinkedHashSet<>();
    summaries.forEach(s -> s.rows().forEach(row -> names.addAll(row.parameters().keySet())));
    return names;
  }

  /** Whether it compares the paper's methods. */
  boolean grid() {
    return Variant.removed("online", 0.9).in(summaries).isPresent()
        && Variant.bits("fixed-point", 4).in(summaries).isPresent();
  }

  /** Number of folds, if each seed has its own split of the data; otherwise 0. */
  int folds() {
    return provenance.at("/experiment/dataset/folds").asInt();
  }

  // Seeds 1, 2, ... have the folds 0, 1, ... as test texts, again and again.
  private int fold(int seed) {
    return Math.floorMod(seed - 1, folds());
  }

  /** Whether it is known which texts were classified correctly. */
  boolean answered() {
    return !answers.isEmpty();
  }

  /** Number of test texts; of folds, of all of them together; 0 if unknown. */
  int texts() {
    Map<Integer, Integer> texts = new TreeMap<>();
    for (Row row : answered() ? baseline().rows() : List.<Row>of()) {
      texts.put(folds() == 0 ? 0 : fold(row.seed()), answers.get(row.trial()).texts());
    }
    return texts.values().stream().mapToInt(t -> t).sum();
  }

  /** Seeds that both methods have. */
  static List<Integer> seeds(Summary method, Collection<Summary> rivals) {
    Set<Integer> seeds = new TreeSet<>(method.bySeed().keySet());
    rivals.forEach(rival -> seeds.retainAll(rival.bySeed().keySet()));
    return List.copyOf(seeds);
  }

  /** Accuracy on test gained over {@code rival}. */
  Effect gain(Summary method, Summary rival) {
    return gain(method, Map.of(rival, 1.0));
  }

  /** Accuracy on test gained over a mixture of rivals of this run. */
  Effect gain(Summary method, Map<Summary, Double> rivals) {
    return gain(method, this, rivals);
  }

  /**
   * Accuracy on test gained over a mixture of rivals: seeds and texts are random, or the folds are.
   * Where it is not known which texts were classified correctly, seeds alone.
   *
   * @param other run of the rivals, which has the same test texts
   * @param rivals with their weights, which sum to one
   */
  Effect gain(Summary method, Run other, Map<Summary, Double> rivals) {
    List<Integer> seeds = seeds(method, rivals.keySet());
    if (seeds.isEmpty()) {
      return Effect.untested(Double.NaN);
    }
    if (answered() && other.answered() && folds() == 0) {
      double[][] d = new double[seeds.size()][texts()];
      for (int i = 0; i < d.length; i++) {
        add(d[i], method, seeds.get(i), 1);
        for (Map.Entry<Summary, Double> rival : rivals.entrySet()) {
          other.add(d[i], rival.getKey(), seeds.get(i), -rival.getValue());
        }
      }
      return Effect.of(d);
    }
    Map<Integer, List<Double>> units = new TreeMap<>();
    for (int seed : seeds) {
      double gain = method.bySeed().get(seed).testAccuracy();
      for (Map.Entry<Summary, Double> rival : rivals.entrySet()) {
        gain -= rival.getValue() * rival.getKey().bySeed().get(seed).testAccuracy();
      }
      units.computeIfAbsent(folds() == 0 ? seed : fold(seed), u -> new ArrayList<>()).add(gain);
    }
    return Effect.of(
        units.values().stream()
            .mapToDouble(g -> g.stream().mapToDouble(d -> d).average().orElseThrow())
            .toArray());
  }

  private void add(double[] d, Summary method, int seed, double weight) {
    BitSet correct = answers.get(method.bySeed().get(seed).trial()).correct();
    correct.stream().forEach(text -> d[text] += weight);
  }

  /** By label of each method but the baseline: its gain over the baseline, corrected together. */
  Map<String, Tested> tested() {
    Map<String, Effect> effects = new LinkedHashMap<>();
    Map<String, Double> p = new LinkedHashMap<>();
    for (Summary s : summaries.subList(1, summaries.size())) {
      Effect effect = gain(s, baseline());
      effects.put(s.label(), effect);
      if (answered() && !Double.isNaN(effect.error())) {
        p.put(s.label(), effect.p(0));
      }
    }
    Map<String, Double> adjusted = Holm.adjusted(p);
    Map<String, Tested> tested = new LinkedHashMap<>();
    effects.forEach(
        (label, effect) ->
            tested.put(label, new Tested(effect, adjusted.getOrDefault(label, Double.NaN))));
    return tested;
  }

  /**
   * What a method gains over the baseline.
   *
   * @param effect on test accuracy
   * @param adjusted p-value after Holm's correction over the run; NaN without a test
   */
  record Tested(Effect effect, double adjusted) {
    /** A plain word: better, worse, no difference shown, or why there is no test. */
    String verdict() {
      if (Double.isNaN(effect.error())) {
        return "one seed only";
      }
      if (Double.isNaN(adjusted)) {
        return "not tested";
      }
      return adjusted >= Effect.LEVEL
          ? "no difference shown"
          : effect.mean() > 0 ? "better" : "worse";
    }
  }

  /** The rate of a setting of a search, which is a rate, or a rate and a schedule. */
  private static double rate(String setting) {
    try {
      return Double.parseDouble(setting.split(" ", 2)[0]);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /**
   * Methods whose best rate is the lowest or the highest that was tried, as the search names them.
   */
  List<String> edges() {
    List<String> edges = new ArrayList<>();
    provenance
        .path("search")
        .properties()
        .forEach(
            method -> {
              List<Double> tried = new ArrayList<>();
              method
                  .getValue()
                  .path("devAccuracy")
                  .fieldNames()
                  .forEachRemaining(setting -> tried.add(rate(setting)));
              double best = method.getValue().path("best").asDouble();
              if (tried.stream().distinct().count() > 1
                  && (best <= Collections.min(tried) || best >= Collections.max(tried))) {
                edges.add(method.getKey());
              }
            });
    return edges;
  }

  /** Columns of the parameters, except the fraction removed, which is measured, and the error. */
  List<Table.Column<Summary>> parameterColumns() {
    List<Table.Column<Summary>> columns = new ArrayList<>();
    for (String parameter : parameters()) {
      if (!parameter.equals("removed") && !parameter.equals("svd_relative_error")) {
        columns.add(new Table.Column<>(parameter, s -> s.parameter(parameter)));
      }
    }
    return columns;
  }
}
