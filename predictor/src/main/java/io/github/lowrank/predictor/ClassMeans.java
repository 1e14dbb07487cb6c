package io.github.lowrank.predictor;

import io.github.lowrank.predictor.CompactFormat.HeadKind;
import java.util.ArrayList;
import java.util.List;

/**
 * The classes of a model of prototypes: the mean of each class's points, and how many there were.
 * Classes are added, removed and merged without training. Immutable: every change is another
 * object.
 *
 * @param labels names of the classes, all different
 * @param means {@code [classes][width]}
 * @param counts number of texts of each class
 */
public record ClassMeans(List<String> labels, List<float[]> means, List<Integer> counts) {
  public ClassMeans {
    labels = List.copyOf(labels);
    means = List.copyOf(means);
    counts = List.copyOf(counts);
    if (labels.isEmpty() || labels.size() != means.size() || labels.size() != counts.size()) {
      throw new IllegalArgumentException(
          "expected a mean and a count for each of at least one label, but there are %d labels, %d means and %d counts"
              .formatted(labels.size(), means.size(), counts.size()));
    }
    if (labels.stream().distinct().count() < labels.size()) {
      throw new IllegalArgumentException("expected different labels, found " + labels);
    }
  }

  /** Length of a point. */
  public int width() {
    return means.get(0).length;
  }

  /** The share of each class among all texts: probabilities where nothing is known of a text. */
  public float[] prior() {
    double all = Math.max(1, counts.stream().mapToLong(count -> count).sum());
    float[] prior = new float[counts.size()];
    for (int c = 0; c < prior.length; c++) {
      prior[c] = (float) (counts.get(c) / all);
    }
    return prior;
  }

  private int number(String label) {
    int number = labels.indexOf(label);
    if (number < 0) {
      throw new IllegalArgumentException(
          "expected one of the %d labels, found '%s'".formatted(labels.size(), label));
    }
    return number;
  }

  /**
   * With more texts of a class, which may be new.
   *
   * @param points of the texts, {@code [texts][width]}, at least one
   */
  public ClassMeans add(String label, List<float[]> points) {
    if (points.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a text for label '%s', found none".formatted(label));
    }
    check(label);
    double[] sum = new double[width()];
    for (float[] point : points) {
      if (point.length != sum.length) {
        throw new IllegalArgumentException(
            "expected points of %d numbers, found %d".formatted(sum.length, point.length));
      }
      add(sum, point, 1);
    }
    int c = labels.indexOf(label);
    int count = points.size();
    if (c >= 0) {
      add(sum, means.get(c), counts.get(c));
      count += counts.get(c);
    }
    return with(c, label, sum, count);
  }

  /** Without a class. At least one other must be there. */
  public ClassMeans remove(String label) {
    int c = number(label);
    if (labels.size() == 1) {
      throw new IllegalArgumentException(
          "expected another label to remain, but '%s' is the only one".formatted(label));
    }
    List<String> names = new ArrayList<>(labels);
    List<float[]> others = new ArrayList<>(means);
    List<Integer> sizes = new ArrayList<>(counts);
    names.remove(c);
    others.remove(c);
    sizes.remove(c);
    return new ClassMeans(names, others, sizes);
  }

  /** All texts of {@code label} are {@code into} from now on, which may be new. */
  public ClassMeans merge(String label, String into) {
    int from = number(label);
    check(into);
    if (label.equals(into)) {
      throw new IllegalArgumentException("expected two labels, found '%s' twice".formatted(label));
    }
    int c = labels.indexOf(into);
    if (c < 0) {
      List<String> names = new ArrayList<>(labels);
      names.set(from, into);
      return new ClassMeans(names, means, counts);
    }
    double[] sum = new double[width()];
    add(sum, means.get(from), counts.get(from));
    add(sum, means.get(c), counts.get(c));
    return with(c, into, sum, counts.get(from) + counts.get(c)).remove(label);
  }

  private static void check(String label) {
    if (label.isBlank()) {
      throw new IllegalArgumentException("expected a label, found '" + label + "'");
    }
  }

  private static void add(double[] sum, float[] point, int times) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += (double) times * point[i];
    }
  }

  /**
   * With another class.
   *
   * @param c its number, negative if it is new
   */
  private ClassMeans with(int c, String label, double[] sum, int count) {
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / Math.max(1, count));
    }
    List<String> names = new ArrayList<>(labels);
    List<float[]> others = new ArrayList<>(means);
    List<Integer> sizes = new ArrayList<>(counts);
    if (c < 0) {
      names.add(label);
      others.add(mean);
      sizes.add(count);
    } else {
      others.set(c, mean);
      sizes.set(c, count);
    }
    return new ClassMeans(names, others, sizes);
  }

  /**
   * The prototypes.
   *
   * @return {@code [width][classes]}
   */
  float[][] prototypes(Space space) {
    float[][] prototypes = new float[width()][labels.size()];
    for (int c = 0; c < labels.size(); c++) {
      double norm = space.norm(means.get(c));
      for (int i = 0; i < prototypes.length; i++) {
        prototypes[i][c] = (float) (means.get(c)[i] / norm);
      }
    }
    return prototypes;
  }

  /**
   * Writes a head of prototypes to a compact file; the labels are elsewhere in it.
   *
   * @param space where distances are measured
   * @param scale inverse temperature of the scores
   * @param farthest squared distance of the nearest prototype beyond which a text has no label;
   *     negative if every text has one
   */
  public void writeHead(Space space, float scale, float farthest, CompactOutput out) {
    out.kind(HeadKind.PROTOTYPES).kind(space).floats(scale, farthest);
    for (int c = 0; c < labels.size(); c++) {
      out.integer(counts.get(c)).floats(means.get(c));
    }
  }

  static ClassMeans read(Input in, List<String> labels, int width) throws FormatException {
    if (labels.stream().distinct().count() < labels.size()) {
      throw in.wrong("prototypes of different labels", labels);
    }
    List<float[]> means = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    for (String label : labels) {
      counts.add(in.integer("number of texts of a class", 0, Integer.MAX_VALUE));
      means.add(in.floats(width, "the mean of class " + label));
    }
    return new ClassMeans(labels, means, counts);
  }
}
