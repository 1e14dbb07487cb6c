package io.github.lowrank.predictor;

import java.util.Arrays;

/**
 * Where distances between texts and prototypes are measured; the byte in the compact file is the
 * ordinal. A vector becomes a point, and the squared distance of two points is a function of the
 * sum of their squared differences.
 */
public enum Space {
  /** {@code d(z, p)^2 = |z - p|^2}. */
  EUCLIDEAN(0, 1) {
    @Override
    float scale(float[] vector, int n) {
      return 1;
    }

    @Override
    double norm(float[] mean) {
      return 1;
    }
  },

  /**
   * The hyperboloid, of Wohlwend et al., <a href="https://arxiv.org/abs/1911.01026">Metric Learning
   * for Dynamic Text Classification</a> (2019): a vector z becomes {@code (sqrt(1 + |z|^2), z)};
   * with {@code w = <x - p, x - p> / 2} the distance is {@code log1p(w + sqrt(w (w + 2)))}.
   */
  LORENTZ(1, -1) {
    @Override
    float scale(float[] vector, int n) {
      return 1;
    }

    @Override
    double norm(float[] mean) {
      double first = mean[0];
      return Math.sqrt(Math.max(2 * first * first - square(mean, mean.length), 1e-12));
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
  },

  /** Vectors of length 1, and prototypes, too: {@code d(z, p)^2 = 2 - 2 cos(z, p)}. */
  SPHERE(0, 1) {
    @Override
    float scale(float[] vector, int n) {
      return (float) (1 / Math.sqrt(Math.max(square(vector, n), 1e-12)));
    }

    @Override
    double norm(float[] mean) {
      return Math.sqrt(Math.max(square(mean, mean.length), 1e-12));
    }
  };

  /** Below, the series is exact enough. */
  private static final float NEAR = 1e-4f;

  private final int more;
  private final float sign;

  /**
   * A space.
   *
   * @param more coordinates than a vector has
   * @param sign of the first coordinate in products
   */
  Space(int more, float sign) {
    this.more = more;
    this.sign = sign;
  }

  /** What the first {@code n} numbers of a vector are multiplied by. */
  abstract float scale(float[] vector, int n);

  /** What a mean of points is divided by to become a prototype. */
  abstract double norm(float[] mean);

  /** The squared distance, from the sum of the squared differences of coordinates. */
  float squared(float sum) {
    return sum;
  }

  private static double square(float[] vector, int n) {
    double square = 0;
    for (int i = 0; i < n; i++) {
      square += (double) vector[i] * vector[i];
    }
    return square;
  }

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
    float[] point = new float[vector.length + more];
    float scale = scale(vector, vector.length);
    for (int i = 0; i < vector.length; i++) {
      point[i + more] = scale * vector[i];
    }
    if (more > 0) {
      point[0] = first(vector, vector.length);
    }
    return point;
  }

  /** The coordinate in front of a vector. */
  private static float first(float[] vector, int n) {
    return (float) Math.sqrt(1 + square(vector, n));
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
      add(sign, first(vector, n), prototypes[0], into);
    }
    float scale = scale(vector, n);
    for (int i = 0; i < n; i++) {
      add(1, scale * vector[i], prototypes[i + more], into);
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
