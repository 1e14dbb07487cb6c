package io.github.lowrank.predictor;

import java.util.Arrays;

/**
 * Where distances between texts and prototypes are measured; the byte in the compact file is the
 * ordinal.
 */
public enum Space {
  /** {@code d(z, p)^2 = |z - p|^2}. */
  EUCLIDEAN(0) {
    @Override
    double sign() {
      return 1;
    }

    @Override
    double norm(float[] mean) {
      return 1;
    }

    @Override
    float squared(float sum) {
      return sum;
    }
  },

  /**
   * The hyperboloid, of Wohlwend et al., <a href="https://arxiv.org/abs/1911.01026">Metric Learning
   * for Dynamic Text Classification</a> (2019): a vector z becomes {@code (sqrt(1 + |z|^2), z)};
   * with {@code w = <x - p, x - p> / 2} the distance is {@code log1p(w + sqrt(w (w + 2)))}.
   */
  LORENTZ(1) {
    @Override
    double sign() {
      return -1;
    }

    @Override
    double norm(float[] mean) {
      double product = -(double) mean[0] * mean[0];
      for (int i = 1; i < mean.length; i++) {
        product += (double) mean[i] * mean[i];
      }
      return Math.sqrt(Math.max(-product, 1e-12));
    }

    @Override
    float squared(float sum) {
      float w = sum / 2;
      if (w < NEAR) {
        return 2 * w - w * w / 3;
      }
      double distance = Math.log1p(w + Math.sqrt(w * (w + 2.0)));
      return (float) (distance * distance);
    }
  };

  /** Below, the series is exact enough. */
  private static final float NEAR = 1e-4f;

  private final int more;

  Space(int more) {
    this.more = more;
  }

  /** Sign of the first coordinate in products. */
  abstract double sign();

  /** What a mean of points is divided by to become a prototype. */
  abstract double norm(float[] mean);

  /**
   * The squared distance.
   *
   * @param sum of the squared differences of coordinates, the first with its {@link #sign}
   */
  abstract float squared(float sum);

  /**
   * Length of a point.
   *
   * @param n length of a vector
   */
  public int width(int n) {
    return n + more;
  }

  /** The point of a vector {@code [n]}. */
  public float[] lift(float[] vector) {
    if (more == 0) {
      return vector.clone();
    }
    float[] point = new float[vector.length + 1];
    System.arraycopy(vector, 0, point, 1, vector.length);
    point[0] = first(vector, vector.length);
    return point;
  }

  /** The coordinate in front of a vector. */
  private static float first(float[] vector, int n) {
    double square = 1;
    for (int i = 0; i < n; i++) {
      square += (double) vector[i] * vector[i];
    }
    return (float) Math.sqrt(square);
  }

  /**
   * The squared distances of a text from all prototypes.
   *
   * @param vector at least {@code [n]}
   * @param prototypes {@code [width][classes]}
   * @param into receives them, {@code [classes]}
   */
  void squared(float[] vector, float[][] prototypes, float[] into) {
    Arrays.fill(into, 0);
    int n = prototypes.length - more;
    if (more > 0) {
      add((float) sign(), first(vector, n), prototypes[0], into);
    }
    for (int i = 0; i < n; i++) {
      add(1, vector[i], prototypes[i + more], into);
    }
    for (int c = 0; c < into.length; c++) {
      into[c] = squared(into[c]);
    }
  }

  /** A coordinate's share for all classes: JDK 17 makes vector instructions of this loop. */
  private static void add(float sign, float x, float[] coordinate, float[] into) {
    for (int c = 0; c < into.length; c++) {
      float difference = x - coordinate[c];
      into[c] += sign * (difference * difference);
    }
  }
}
