package io.github.lowrank.experiments.spec;

import io.github.lowrank.embedding.PackedCodes.Granularity;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A way to a compressed classifier, as the list of its stages. All methods share one step budget:
 * the shares of their training stages sum to 1. Methods that begin with the same stages share the
 * work.
 *
 * @param name what tables call it
 * @param stages what it does, in order
 * @param rates learning rates to search over on dev for this method alone; empty: the plan's rate
 */
public record Method(String name, List<Stage> stages, List<Double> rates) {
  private static final Stage.Train HALF = new Stage.Train(0.5);

  public Method {
    stages = List.copyOf(stages);
    rates = List.copyOf(rates);
  }

  /** A method that trains at the rate of all. */
  public Method(String name, List<Stage> stages) {
    this(name, stages, List.of());
  }

  /** No compression, trained in two halves like all others. */
  public static Method baseline() {
    return new Method("baseline", List.of(HALF, HALF));
  }

  /** The paper's: train, factorise the trained table, train everything on. */
  public static Method online(double removed) {
    return new Method(
        "online", List.of(HALF, new Stage.Factorize(removed, TruncatedSvd.Split.BALANCED), HALF));
  }

  /** The paper's before its second training: half the budget. */
  public static Method onlineBeforeRetraining(double removed) {
    return new Method(
        "online-before-retraining",
        List.of(HALF, new Stage.Factorize(removed, TruncatedSvd.Split.BALANCED)));
  }

  /** Train, factorise, train on, then store {@code W_a} in b-bit codes, a scale for each row. */
  public static Method onlineFixedPoint(double removed, int bits) {
    return new Method(
        "online-fixed-point",
        List.of(
            HALF,
            new Stage.Factorize(removed, TruncatedSvd.Split.BALANCED),
            HALF,
            new Stage.Quantize(bits, Granularity.PER_ROW)));
  }

  /** Factorise the pretrained table, then train both factors. */
  public static Method offline(double removed) {
    return new Method(
        "offline", List.of(new Stage.Factorize(removed, TruncatedSvd.Split.BALANCED), HALF, HALF));
  }

  /** Reduce the pretrained rows to k dimensions, then train. */
  public static Method offlineRows(double removed) {
    return new Method("offline-rows", List.of(new Stage.Project(removed), HALF, HALF));
  }

  /** The online method with the paper's split of the singular values, all in {@code W_b}. */
  public static Method onlinePaperSplit(double removed) {
    return new Method(
        "online-paper-split",
        List.of(HALF, new Stage.Factorize(removed, TruncatedSvd.Split.PAPER), HALF));
  }

  /** The online method with the cut after a share of the budget, in (0, 1). */
  public static Method cutAfter(double share, double removed) {
    return new Method(
        "cut-after-" + percent(share),
        List.of(
            new Stage.Train(share),
            new Stage.Factorize(removed, TruncatedSvd.Split.BALANCED),
            new Stage.Train(1 - share)));
  }

  /** Factorise the trained table after the whole budget; no training after it. */
  public static Method cutAtEnd(double removed) {
    return new Method(
        "cut-after-100",
        List.of(HALF, HALF, new Stage.Factorize(removed, TruncatedSvd.Split.BALANCED)));
  }

  /** The online method in several cuts, each keeping the same share of what the last one left. */
  public static Method rounds(int rounds, double removed) {
    List<Stage> stages = new ArrayList<>();
    double share = 1.0 / (rounds + 1);
    stages.add(new Stage.Train(share));
    for (int i = 1; i <= rounds; i++) {
      double gone = i == rounds ? removed : 1 - Math.pow(1 - removed, i / (double) rounds);
      stages.add(new Stage.Factorize(gone, TruncatedSvd.Split.BALANCED));
      stages.add(new Stage.Train(share));
    }
    return new Method("rounds-" + rounds, stages);
  }

  /** No compression, the whole budget in one training, at a rate of its own. */
  public static Method trained(
      String name, Optimizer optimizer, Plan.Shape shape, List<Double> rates) {
    return new Method(name, List.of(new Stage.TrainWith(1, optimizer, shape)), rates);
  }

  /** Train, then store in b-bit codes with one scale for the table, as in the paper. */
  public static Method fixedPoint(int bits) {
    return new Method(
        "fixed-point", List.of(HALF, HALF, new Stage.Quantize(bits, Granularity.PER_TENSOR)));
  }

  /** Train, then store in b-bit codes with a scale for each row. */
  public static Method fixedPointRows(int bits) {
    return new Method(
        "fixed-point-rows", List.of(HALF, HALF, new Stage.Quantize(bits, Granularity.PER_ROW)));
  }

  /** The fraction of parameters that the method removes; 0 if none. */
  public double removed() {
    double kept = 1;
    for (Stage stage : stages) {
      if (stage instanceof Stage.Factorize f) {
        kept = Math.min(kept, 1 - f.removed());
      } else if (stage instanceof Stage.Project p) {
        kept = Math.min(kept, 1 - p.removed());
      }
    }
    return Math.round((1 - kept) * 1e9) / 1e9;
  }

  /** Width of the stored numbers. */
  public int bits() {
    return stages.stream()
        .filter(Stage.Quantize.class::isInstance)
        .mapToInt(s -> ((Stage.Quantize) s).bits())
        .findFirst()
        .orElse(32);
  }

  /** The same with another fraction in every factorising stage. */
  public Method withRemoved(double removed) {
    List<Stage> changed = new ArrayList<>();
    for (Stage stage : stages) {
      if (stage instanceof Stage.Factorize f) {
        changed.add(new Stage.Factorize(removed, f.split()));
      } else if (stage instanceof Stage.Project) {
        changed.add(new Stage.Project(removed));
      } else {
        changed.add(stage);
      }
    }
    return new Method(name, changed, rates);
  }

  /** The same whose last training has a schedule of its own, which its name tells. */
  public Method retrained(Plan.Shape shape, Optimizer optimizer) {
    List<Stage> changed = new ArrayList<>(stages);
    for (int i = changed.size() - 1; i >= 0; i--) {
      if (changed.get(i) instanceof Stage.Train train) {
        changed.set(i, new Stage.TrainWith(train.share(), optimizer, shape));
        break;
      }
    }
    return new Method(name + "-then-" + shape.title(), changed, rates);
  }

  /** The same with a search of its own over learning rates. */
  public Method withRates(List<Double> own) {
    return new Method(name, stages, own);
  }

  /** Unique among the methods of an experiment, fit for file names: {@code online-90}. */
  public String id() {
    StringBuilder id = new StringBuilder(name);
    if (removed() > 0) {
      id.append('-').append(percent(removed()));
    }
    if (bits() < 32) {
      id.append('-').append(bits()).append("bit");
    }
    return id.toString();
  }

  private static String percent(double fraction) {
    String text = String.format(Locale.ROOT, "%.2f", fraction * 100);
    return text.replaceAll("\\.?0+$", "");
  }

  /** As provenance records it; methods without rates of their own do not mention them. */
  @Override
  public String toString() {
    return rates.isEmpty()
        ? "Method[name=%s, stages=%s]".formatted(name, stages)
        : "Method[name=%s, stages=%s, rates=%s]".formatted(name, stages, rates);
  }
}
