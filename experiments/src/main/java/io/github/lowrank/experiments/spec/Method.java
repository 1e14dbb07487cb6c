package io.github.lowrank.experiments.spec;

import io.github.lowrank.embedding.Codewords.Join;
import io.github.lowrank.embedding.PackedCodes.Granularity;
import io.github.lowrank.embedding.TruncatedTable.Penalty;
import io.github.lowrank.embedding.TruncatedTable.Through;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * A way to get a compressed classifier, as a list of steps. All methods share one step budget: the
 * shares of their trainings sum to 1. Methods that begin with the same steps share the work.
 *
 * @param name name in tables
 * @param steps the steps, in order
 * @param rates learning rates to choose from on dev for this method only; empty: the plan's rate
 */
public record Method(String name, List<Step> steps, List<Double> rates) {
  private static final Train HALF = new Train(0.5);

  /** Of texts on which distances, and their temperature, depend. */
  private static final double NORM = 6;

  public Method {
    steps = List.copyOf(steps);
    rates = List.copyOf(rates);
    if (!name.matches("[\\w.-]*")) {
      throw new IllegalArgumentException(
          "expected a method's name of letters, digits, '-', '_' and '.', found '%s'"
              .formatted(name));
    }
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("method %s: expected a step, found none".formatted(name));
    }
    double share = steps.stream().mapToDouble(Step::share).sum();
    if (share > 1 + 1e-9) {
      throw new IllegalArgumentException(
          "method %s: expected shares of the training steps that sum to at most 1, found %s"
              .formatted(name, share));
    }
  }

  /** A method that trains at the plan's rate. */
  public Method(String name, Step... steps) {
    this(name, List.of(steps), List.of());
  }

  private static Step factorize(double removed) {
    return new Factorize(removed, TruncatedSvd.Split.BALANCED);
  }

  /** No compression; trained in two halves like the other methods. */
  public static Method baseline() {
    return new Method("baseline", HALF, HALF);
  }

  /** The paper's method: train, factorize the trained table, continue training everything. */
  public static Method online(double removed) {
    return new Method("online", HALF, factorize(removed), HALF);
  }

  /**
   * Train through the factorization: the loss sees the best product of the final rank from the
   * first step; then factorize, which changes nothing, and continue training the factors.
   *
   * @param name name in tables
   * @param weight factor of the penalty
   */
  public static Method through(
      String name, double removed, Through gradient, Penalty penalty, double weight) {
    return new Method(
        name, new Truncate(removed, gradient, penalty, weight), HALF, factorize(removed), HALF);
  }

  /** The paper's method without its second training; it uses half of the budget. */
  public static Method onlineBeforeRetraining(double removed) {
    return new Method("online-before-retraining", HALF, factorize(removed));
  }

  /**
   * Train, factorize, continue training, then store {@code W_a} in b-bit codes with one scale per
   * row.
   */
  public static Method onlineFixedPoint(double removed, int bits) {
    return new Method(
        "online-fixed-point",
        HALF,
        factorize(removed),
        HALF,
        new Quantize(bits, Granularity.PER_ROW));
  }

  /** Train, factorize to a share of the table's bytes, continue training. */
  public static Method onlineToBytes(double kept) {
    return new Method("online-bytes", HALF, new FactorizeToBytes(kept, Float.SIZE), HALF);
  }

  /**
   * Train, factorize to a share of the table's bytes in b-bit codes, continue training in floats,
   * round.
   */
  public static Method onlineRounded(double kept, int bits) {
    return new Method(
        "online-rounded",
        HALF,
        new FactorizeToBytes(kept, bits),
        HALF,
        new FakeQuantize(bits),
        new Pack());
  }

  /** The same, but with fake quantization in the training after the factorization. */
  public static Method onlineQuantizationAware(double kept, int bits) {
    return new Method(
        "online-quantization-aware",
        HALF,
        new FactorizeToBytes(kept, bits),
        new FakeQuantize(bits),
        HALF,
        new Pack());
  }

  /**
   * Train, continue training with fake quantization of all weights, store b-bit codes; factorized
   * such that the whole classifier, as it is exported, takes a share of its bytes in floats.
   */
  public static Method whole(double kept, int bits, int weightBits) {
    return new Method(
        "whole",
        HALF,
        new FakeQuantizeWeights(weightBits),
        new FactorizeToBytes(kept, bits, true),
        new FakeQuantize(bits),
        HALF,
        new Pack());
  }

  /**
   * Low rank and b-bit codes for everything, taught by the uncompressed classifier: the smallest
   * models that {@code lowrank train} makes.
   */
  public static Method ranked(int rank, int bits) {
    return new Method(
            "rank-" + rank,
            HALF,
            new FakeQuantizeWeights(Math.max(4, bits)),
            new FactorizeToRank(rank),
            new FakeQuantize(bits),
            HALF,
            new Pack())
        .taught()
        .named("rank-" + rank);
  }

  /** Train, then round to b-bit codes with one scale per column, of the least squared error. */
  public static Method rounded(int bits) {
    return new Method("rounded", HALF, HALF, new FakeQuantize(bits), new Pack());
  }

  /** Train, continue training with fake quantization, store b-bit codes. */
  public static Method quantizationAware(int bits) {
    return new Method("quantization-aware", HALF, new FakeQuantize(bits), HALF, new Pack());
  }

  /** Factorize the pretrained table, then train both factors. */
  public static Method offline(double removed) {
    return new Method("offline", factorize(removed), HALF, HALF);
  }

  /** Reduce the pretrained rows to k dimensions, then train. */
  public static Method offlineRows(double removed) {
    return new Method("offline-rows", new Project(removed), HALF, HALF);
  }

  /** Factorize the pretrained table to a share of its bytes, then train both factors. */
  public static Method offlineToBytes(double kept) {
    return new Method("offline-bytes", new FactorizeToBytes(kept, Float.SIZE), HALF, HALF);
  }

  /** The same in b-bit codes, with fake quantization from the start. */
  public static Method offlineQuantizationAware(double kept, int bits) {
    return new Method(
        "offline-quantization-aware",
        new FactorizeToBytes(kept, bits),
        new FakeQuantize(bits),
        HALF,
        HALF,
        new Pack());
  }

  /**
   * Reduce the pretrained rows to as many dimensions as fit into a share of the bytes, at least
   * one, then train.
   */
  public static Method offlineRowsToBytes(double kept) {
    return new Method("offline-rows-bytes", new Project(1 - kept), HALF, HALF);
  }

  /** Train random factors that fit into a share of the table's bytes, as in ALBERT. */
  public static Method factorizedFromScratch(double kept) {
    return new Method("factorized-from-scratch", new RandomFactors(kept, Float.SIZE), HALF, HALF);
  }

  /** The same in b-bit codes, with fake quantization from the start. */
  public static Method factorizedFromScratch(double kept, int bits) {
    return new Method(
        "factorized-from-scratch-quantization-aware",
        new RandomFactors(kept, bits),
        new FakeQuantize(bits),
        HALF,
        HALF,
        new Pack());
  }

  /** Train, decompose into a tensor train, continue training. */
  public static Method tensorTrainOnline(double kept) {
    return new Method(
        "tensor-train-online",
        HALF,
        new TensorTrainToBytes(kept, TensorTrainToBytes.Start.TABLE),
        HALF);
  }

  /** Decompose the pretrained table into a tensor train, then train its cores. */
  public static Method tensorTrainOffline(double kept) {
    return new Method(
        "tensor-train-offline",
        new TensorTrainToBytes(kept, TensorTrainToBytes.Start.TABLE),
        HALF,
        HALF);
  }

  /** Train a tensor train from random cores, as its authors do. */
  public static Method tensorTrainFromScratch(double kept) {
    return new Method(
        "tensor-train-from-scratch",
        new TensorTrainToBytes(kept, TensorTrainToBytes.Start.RANDOM),
        HALF,
        HALF);
  }

  /** The online method with the paper's split: the singular values are all in {@code W_b}. */
  public static Method onlinePaperSplit(double removed) {
    return new Method(
        "online-paper-split", HALF, new Factorize(removed, TruncatedSvd.Split.PAPER), HALF);
  }

  /** The online method with the factorization after a share of the budget, in (0, 1). */
  public static Method cutAfter(double share, double removed) {
    return new Method(
        "cut-after-" + percent(share), new Train(share), factorize(removed), new Train(1 - share));
  }

  /** Factorize the trained table after the whole budget; no training after it. */
  public static Method cutAtEnd(double removed) {
    return new Method("cut-after-100", HALF, HALF, factorize(removed));
  }

  /**
   * The online method in several rounds, each keeping the same share of what the previous one left.
   */
  public static Method rounds(int rounds, double removed) {
    List<Step> steps = new ArrayList<>();
    Train part = new Train(1.0 / (rounds + 1));
    steps.add(part);
    for (int i = 1; i <= rounds; i++) {
      steps.add(factorize(i == rounds ? removed : 1 - Math.pow(1 - removed, i / (double) rounds)));
      steps.add(part);
    }
    return new Method("rounds-" + rounds, steps, List.of());
  }

  /**
   * For prototypes: vectors weighted by the inverse frequency of their words, train the encoder,
   * train it with the factors that all words share, train it with b-bit codes for {@code W_a}.
   *
   * @param removed fraction; 0: not factorized
   * @param bits of codes; 32: floats
   */
  public static Method prototypes(double removed, int bits) {
    boolean factors = removed > 0;
    boolean codes = bits < Float.SIZE;
    double last = codes ? 0.2 : 0;
    double second = factors ? 0.4 : 0;
    List<Step> steps =
        new ArrayList<>(List.of(new WeightByFrequency(NORM), new Train(1 - second - last)));
    if (factors) {
      steps.addAll(List.of(new FactorizeByUse(removed), new Train(second), new MultiplyFactors()));
    }
    if (codes) {
      steps.addAll(
          List.of(new FakeQuantizeWeights(8), new FakeQuantize(bits), new Train(last), new Pack()));
    }
    return new Method("prototypes", steps, List.of());
  }

  /** No compression; one training with the whole budget and its own search for a rate. */
  public static Method trained(String name, Optimizer optimizer, Shape shape, List<Double> rates) {
    return new Method(name, List.of(new TrainWith(1, optimizer, shape)), rates);
  }

  /** Train, then store in b-bit codes with one scale for the table, as in the paper. */
  public static Method fixedPoint(int bits) {
    return new Method("fixed-point", HALF, HALF, new Quantize(bits, Granularity.PER_TENSOR));
  }

  /** Train, then store in b-bit codes with one scale per row. */
  public static Method fixedPointRows(int bits) {
    return new Method("fixed-point-rows", HALF, HALF, new Quantize(bits, Granularity.PER_ROW));
  }

  private static final int WORD_BITS = 8;

  /** Train, take up {@code form}, continue training with 8-bit codewords, store them. */
  private static Method codewords(String name, Step form) {
    return new Method(name, HALF, form, new FakeQuantize(WORD_BITS), HALF, new Pack());
  }

  /** Train, then take up {@code form} with 8-bit codewords. */
  private static Method codewordsAfter(String name, Step form) {
    return new Method(name, HALF, HALF, form, new FakeQuantize(WORD_BITS), new Pack());
  }

  /** Train, product quantization to a share of the table's bytes, continue training codewords. */
  public static Method concatenatedCodewords(double kept, int codeBits) {
    return codewords(
        "concatenated-codewords",
        new CodewordsToBytes(kept, Join.CONCATENATED, codeBits, WORD_BITS));
  }

  /** Train, then product quantization. */
  public static Method concatenatedCodewordsAfter(double kept, int codeBits) {
    return codewordsAfter(
        "concatenated-codewords-after",
        new CodewordsToBytes(kept, Join.CONCATENATED, codeBits, WORD_BITS));
  }

  /** Train, find codewords whose sums are the rows, continue training them. */
  public static Method summedCodewords(double kept, int codeBits) {
    return codewords(
        "summed-codewords", new CodewordsToBytes(kept, Join.SUMMED, codeBits, WORD_BITS));
  }

  /** Train, then find codewords whose sums are the rows. */
  public static Method summedCodewordsAfter(double kept, int codeBits) {
    return codewordsAfter(
        "summed-codewords-after", new CodewordsToBytes(kept, Join.SUMMED, codeBits, WORD_BITS));
  }

  /** Train, let words of a k-means cluster share a row, continue training the shared rows. */
  public static Method sharedRows(double kept) {
    return codewords("shared-rows", new ShareRows(kept, WORD_BITS));
  }

  /** Train, then let words of a k-means cluster share a row. */
  public static Method sharedRowsAfter(double kept) {
    return codewordsAfter("shared-rows-after", new ShareRows(kept, WORD_BITS));
  }

  /** Hash the pretrained rows to a few, then train those with 8-bit numbers. */
  public static Method hashedRows(double kept, int hashes) {
    return new Method(
        "hashed-rows",
        new HashRows(kept, hashes, WORD_BITS),
        new FakeQuantize(WORD_BITS),
        HALF,
        HALF,
        new Pack());
  }

  /** Train, continue training with differentiable product quantization, store codes. */
  public static Method learnedCodes(double kept, int codeBits) {
    return new Method(
        "learned-codes",
        HALF,
        new LearnCodes(kept, codeBits, WORD_BITS),
        HALF,
        new Pack(),
        new FakeQuantize(WORD_BITS),
        new Pack());
  }

  /**
   * This method, at whose end a share of dev has none of the labels, for being too far from all.
   */
  public Method rejecting(double share) {
    return then(new Reject(share));
  }

  /** The parameters of the steps, by name; the last step that has a parameter wins. */
  private Map<String, Step.Parameter> merged() {
    Map<String, Step.Parameter> merged = new LinkedHashMap<>();
    steps.forEach(step -> step.parameters().forEach(p -> merged.put(p.name(), p)));
    return merged;
  }

  /** The parameters by name: columns of its rows. */
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>();
    merged().forEach((name, p) -> values.put(name, p.value()));
    return values;
  }

  /** Name and parameters: {@code online 90 %}. */
  public String label() {
    StringBuilder label = new StringBuilder(name);
    merged().values().stream()
        .filter(p -> !p.text().isEmpty())
        .forEach(p -> label.append(' ').append(p.text()));
    return label.toString();
  }

  /** Unique among the methods of an experiment, fit for file names: {@code online-90}. */
  public String id() {
    StringBuilder id = new StringBuilder(name);
    merged().values().stream()
        .map(p -> p.text().replaceAll("[^\\w.-]", ""))
        .filter(text -> !text.isEmpty())
        .forEach(text -> id.append('-').append(text));
    return id.toString();
  }

  /**
   * This method with another fraction removed in the end. Earlier factorizations change with it, so
   * that each remains the same power of the fraction that is kept in the end.
   *
   * @param removed in (0, 1)
   */
  public Method withRemoved(double removed) {
    if (!(removed > 0 && removed < 1)) {
      throw new IllegalArgumentException(
          "the removed fraction R must be in (0, 1), but is " + removed);
    }
    if (!(parameters().get("removed") instanceof Number last)) {
      return this;
    }
    double before = Math.log(1 - last.doubleValue());
    DoubleUnaryOperator scaled =
        r ->
            r == last.doubleValue() ? removed : 1 - Math.pow(1 - removed, Math.log(1 - r) / before);
    return new Method(name, steps.stream().map(s -> s.withRemoved(scaled)).toList(), rates);
  }

  /**
   * This method with a teacher, {@link Teach}: the classifier before its first change of form,
   * trained to the end of the budget.
   */
  public Method taught() {
    int place = 0;
    double share = 0;
    while (place < steps.size() - 1 && steps.get(place).trains()) {
      share += steps.get(place++).share();
    }
    List<Step> changed = new ArrayList<>(steps);
    changed.add(place, new Teach(1 - share));
    return new Method(name + "-taught", changed, rates);
  }

  /**
   * This method with the threshold of answers chosen on dev at the end, for texts of any number of
   * labels.
   */
  public Method withThreshold() {
    return then(new ChooseThreshold());
  }

  private Method then(Step last) {
    List<Step> changed = new ArrayList<>(steps);
    changed.add(last);
    return new Method(name, changed, rates);
  }

  /** This method with probabilities calibrated on dev after its last training. */
  public Method calibrated() {
    List<Step> changed = new ArrayList<>(steps);
    int last = changed.size();
    while (last > 0 && changed.get(last - 1).share() == 0) {
      last--;
    }
    changed.add(last, new Calibrate());
    return new Method(name, changed, rates);
  }

  /** This method with a sentence encoder as its teacher, {@link TeachByEncoder}. */
  public Method taughtBy(String encoder) {
    List<Step> changed = new ArrayList<>(List.of(new TeachByEncoder(encoder)));
    changed.addAll(steps);
    return new Method(name + "-" + encoder + "-taught", changed, rates);
  }

  /** This method under another name. */
  public Method named(String other) {
    return new Method(other, steps, rates);
  }

  /** This method with its own search over learning rates. */
  public Method withRates(List<Double> own) {
    return new Method(name, steps, own);
  }

  static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f", fraction * 100).replaceAll("\\.?0+$", "");
  }
}
