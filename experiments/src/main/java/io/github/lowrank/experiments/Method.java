package io.github.lowrank.experiments;

import io.github.lowrank.embedding.PackedCodes.Granularity;
import io.github.lowrank.embedding.TruncatedSvd;
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
 */
public record Method(String name, List<Stage> stages) {
  private static final Stage.Train HALF = new Stage.Train(0.5);

  public Method {
    stages = List.copyOf(stages);
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
    return new Method(name, changed);
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
}
