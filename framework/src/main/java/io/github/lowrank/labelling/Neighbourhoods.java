package io.github.lowrank.labelling;

import io.github.lowrank.linalg.Matrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Labelling functions from exemplars: exemplar j votes for its class on the nearest texts whose
 * cosine is larger than that of j and the nearest text known not to have its class,
 *
 * <pre>
 * tau_j = max { cos(j, k) : k is known not to have the class of j }
 * </pre>
 *
 * <p>A reconstruction of what Mallinar et al., <a href="https://arxiv.org/abs/2002.01412">Iterative
 * Data Programming for Expanding Text Classification Corpora</a> (2020) describe; their encoder,
 * radius and label model were not available.
 */
public final class Neighbourhoods {
  private final Neighbours texts;
  private final int most;
  private final Map<Integer, Neighbours.Near> known = new HashMap<>();

  /**
   * Neighbourhoods without exemplars.
   *
   * @param most largest number of texts in a neighbourhood
   */
  public Neighbourhoods(Neighbours texts, int most) {
    this.texts = texts;
    this.most = most;
  }

  /** The votes of all exemplars. */
  public Votes votes(Known said) {
    int[] exemplars = ints(said.labels().keySet().stream());
    int[] added = IntStream.of(exemplars).filter(text -> !known.containsKey(text)).toArray();
    List<Neighbours.Near> near = texts.nearest(texts.vectors(added), most + 1); // one is itself
    for (int i = 0; i < added.length; i++) {
      known.put(added[i], near.get(i));
    }
    int[] all =
        ints(Stream.concat(said.labels().keySet().stream(), said.rejected().keySet().stream()));
    Matrix vectors = texts.vectors(all); // exemplars first
    List<Votes.Voter> voters =
        IntStream.range(0, exemplars.length)
            .parallel()
            .mapToObj(
                j -> {
                  int label = said.labels().get(exemplars[j]);
                  double threshold = -1;
                  for (int k = 0; k < all.length; k++) {
                    if (said.not(all[k], label)) {
                      threshold = Math.max(threshold, cosine(vectors, j, k));
                    }
                  }
                  return new Votes.Voter(exemplars[j], label, threshold);
                })
            .toList();
    return Votes.of(said.classes(), voters, IntStream.of(exemplars).mapToObj(known::get).toList());
  }

  private static int[] ints(Stream<Integer> numbers) {
    return numbers.mapToInt(i -> i).toArray();
  }

  private static float cosine(Matrix vectors, int a, int b) {
    int n = vectors.columns();
    float sum = 0; // in the order of Neighbours
    for (int k = 0; k < n; k++) {
      sum += vectors.values()[a * n + k] * vectors.values()[b * n + k];
    }
    return sum;
  }
}
