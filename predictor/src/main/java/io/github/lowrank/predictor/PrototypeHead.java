package io.github.lowrank.predictor;

import java.util.List;
import java.util.Optional;

/**
 * The nearest prototype wins: the softmax of the negative squared distances, times a scale.
 *
 * @param space where distances are measured
 * @param scale inverse temperature of the scores
 * @param farthest squared distance of the nearest prototype beyond which a text has no label;
 *     negative if every text has one
 * @param classMeans the classes
 * @param prototypes {@code [width][classes]}
 */
record PrototypeHead(
    Space space, float scale, float farthest, ClassMeans classMeans, float[][] prototypes)
    implements Head {
  private static final float NEVER = -1e9f; // a score of a class without texts

  private static PrototypeHead of(Space space, float scale, float farthest, ClassMeans means) {
    return new PrototypeHead(space, scale, farthest, means, means.prototypes(space));
  }

  static PrototypeHead read(Input in, List<String> labels, int width) throws FormatException {
    Space space = in.kind(Space.values(), "the space of the prototypes");
    int at = in.position();
    float scale = in.floats(1, "the scale")[0];
    if (!(scale > 0)) {
      throw in.wrong(at, "a scale above 0", scale);
    }
    float farthest = in.floats(1, "the largest distance")[0]; // any: negative for none
    return of(space, scale, farthest, ClassMeans.read(in, labels, space.width(width)));
  }

  @Override
  public void write(CompactOutput out) {
    classMeans.writeHead(space, scale, farthest, out);
  }

  @Override
  public Optional<ClassMeans> means() {
    return Optional.of(classMeans);
  }

  @Override
  public float[] point(float[] vector) {
    return space.lift(vector);
  }

  @Override
  public PrototypeHead with(ClassMeans others) {
    if (others.width() != classMeans.width()) {
      throw new IllegalArgumentException(
          "expected means of %d numbers, found %d".formatted(classMeans.width(), others.width()));
    }
    return of(space, scale, farthest, others);
  }

  @Override
  public int classes() {
    return classMeans.labels().size();
  }

  @Override
  public float[] memory() {
    return new float[classes()];
  }

  @Override
  public boolean answer(float[] vector, float[] scores, float[] probabilities) {
    space.squared(vector, prototypes, scores);
    float nearest = Float.POSITIVE_INFINITY;
    for (int c = 0; c < scores.length; c++) {
      boolean empty = classMeans.counts().get(c) == 0;
      nearest = empty ? nearest : Math.min(nearest, scores[c]);
      scores[c] = empty ? NEVER : -scale * scores[c];
    }
    Head.softmax(scores, probabilities, scores.length);
    return farthest < 0 || nearest <= farthest;
  }

  @Override
  public boolean guesses() {
    return farthest < 0;
  }
}
